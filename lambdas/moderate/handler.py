"""Entry point of the check for content that must not be published."""

from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.rejection import UploadFault
from awskit.rekognition import show
from awskit.settings import limits, min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import DetectModerationLabelsResponseTypeDef, ImageTypeDef

_MAX_LABELS = 20


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image is free of everything that Rekognition has a moderation label for.

    Parameters
    ----------
    event
        `{"image", "execution"}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail": {"labels": [{"name", "confidence"}]}}`, at most 20 labels.
    """
    return answer_check(event, check=_check)


def _check(upload: Upload) -> Answer:
    found = show(upload, limits=limits(), ask=_moderation_labels)["ModerationLabels"]
    if not found:
        return accepted(detail={"labels": []})
    surest_first = sorted(found, key=lambda label: label["Confidence"], reverse=True)
    labels = [
        {"name": label["Name"], "confidence": round(label["Confidence"], 1)} for label in surest_first[:_MAX_LABELS]
    ]
    return rejected(UploadFault.FAILED_MODERATION, detail={"labels": labels})


def _moderation_labels(image: "ImageTypeDef") -> "DetectModerationLabelsResponseTypeDef":
    confidence = min_confidence()
    if confidence is None:
        return clients.rekognition().detect_moderation_labels(Image=image)
    return clients.rekognition().detect_moderation_labels(Image=image, MinConfidence=confidence)
