"""Rekognition's labels: asking for them, and what they say of people."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from awskit import clients

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        BoundingBoxTypeDef,
        DetectLabelsResponseTypeDef,
        ImageTypeDef,
        LabelTypeDef,
    )

PERSON = "Person"
"""The label that Rekognition gives people."""

_MAX_BOXES = 25


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
    return sum(max(1, len(label.get("Instances", []))) for label in labels if label["Name"] == PERSON)


def boxes_of(labels: Iterable["LabelTypeDef"], *, names: Collection[str]) -> list[dict[str, Any]]:
    """List where in the image things of some names are, as far as Rekognition says where.

    Parameters
    ----------
    labels
        All that Rekognition found.
    names
        Of the labels, casefolded.

    Returns
    -------
    list of dict
        `{"name", "confidence", "box": {"left", "top", "width", "height"}}`, at most 25: the confidence in percent, the
        box in parts of the image's sides.
    """
    boxes = [
        {
            "name": label["Name"],
            "confidence": round(instance["Confidence"], 1),
            "box": _sides(instance["BoundingBox"]),
        }
        for label in labels
        if label["Name"].casefold() in names
        for instance in label.get("Instances", [])
        if "BoundingBox" in instance
    ]
    return boxes[:_MAX_BOXES]


def _sides(box: "BoundingBoxTypeDef") -> dict[str, float]:
    sides = {"left": box["Left"], "top": box["Top"], "width": box["Width"], "height": box["Height"]}
    # Rekognition's boxes may reach a little over the edge.
    return {side: min(1.0, max(0.0, round(part, 4))) for side, part in sides.items()}
