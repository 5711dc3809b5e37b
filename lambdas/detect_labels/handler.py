"""Entry point of the check for people."""

from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.rejection import UploadFault
from awskit.rekognition import show
from awskit.settings import limits, min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        DetectLabelsResponseTypeDef,
        ImageTypeDef,
        LabelTypeDef,
    )

_MAX_LABELS = 25
_PERSON = "Person"


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image shows no people, and what it does show.

    Parameters
    ----------
    event
        `{"image", "execution"}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail": {"people"}, "labels": [{"name", "confidence", "instances"}]}`, at most
        25 labels.
    """
    return {"labels": [], **answer_check(event, check=_check)}


def _check(upload: Upload) -> Answer:
    found = show(upload, limits=limits(), ask=_labels)["Labels"]
    people = sum(_people(label) for label in found)
    surest_first = sorted(found, key=lambda label: label["Confidence"], reverse=True)
    labels = [
        {
            "name": label["Name"],
            "confidence": round(label["Confidence"], 1),
            "instances": len(label.get("Instances", [])),
        }
        for label in surest_first[:_MAX_LABELS]
    ]
    detail = {"people": people}
    if people:
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) | {"labels": labels}
    return accepted(detail=detail) | {"labels": labels}


def _people(label: "LabelTypeDef") -> int:
    # Rekognition may see that there is a person and not where: a label without instances counts as one.
    return max(1, len(label.get("Instances", []))) if label["Name"] == _PERSON else 0


def _labels(image: "ImageTypeDef") -> "DetectLabelsResponseTypeDef":
    confidence = min_confidence()
    if confidence is None:
        return clients.rekognition().detect_labels(Image=image)
    return clients.rekognition().detect_labels(Image=image, MinConfidence=confidence)
