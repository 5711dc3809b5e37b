"""Rekognition's labels: asking for them, and what they say of people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from awskit import clients

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DetectLabelsResponseTypeDef, ImageTypeDef, LabelTypeDef

_PERSON = "Person"


def find_labels(image: "ImageTypeDef", *, min_confidence: float | None) -> "DetectLabelsResponseTypeDef":
    """Ask Rekognition what an image shows.

    Parameters
    ----------
    image
        As Rekognition takes it.
    min_confidence
        The least confidence that counts, in percent; None is Rekognition's own.
    """
    if min_confidence is None:
        return clients.rekognition().detect_labels(Image=image)
    return clients.rekognition().detect_labels(Image=image, MinConfidence=min_confidence)


def count_people(labels: Iterable["LabelTypeDef"]) -> int:
    """Count the people that labels tell of.

    Rekognition may see that there is a person and not where: a label without instances counts as one.

    Parameters
    ----------
    labels
        All that Rekognition found.
    """
    return sum(max(1, len(label.get("Instances", []))) for label in labels if label["Name"] == _PERSON)
