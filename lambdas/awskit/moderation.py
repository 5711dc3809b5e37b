"""Rekognition's moderation labels, and the verdict on an image that follows from them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from awskit import clients
from awskit.answers import moderation_labels
from awskit.rejection import UploadFault
from awskit.steps import Answer, accepted, rejected

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef, ModerationLabelTypeDef

_MAX_LABELS = 20
# See "Using the image and video moderation APIs" in Rekognition's developer guide: the taxonomy has three levels.
_LEVELS = 3


def find_moderation_labels(image: "ImageTypeDef", *, min_confidence: float | None) -> "list[ModerationLabelTypeDef]":
    """Ask Rekognition for the moderation labels of an image.

    `image`: bytes or a reference.
    `min_confidence`: the minimum confidence in percent. None means Rekognition's own default.
    """
    if min_confidence is None:
        return moderation_labels(clients.rekognition().detect_moderation_labels(Image=image))
    return moderation_labels(clients.rekognition().detect_moderation_labels(Image=image, MinConfidence=min_confidence))


def moderation_verdict(found: Sequence["ModerationLabelTypeDef"], *, allow: Sequence[str]) -> Answer:
    """Return whether an image is free of everything that has a moderation label.

    `found`: all labels that Rekognition found.
    `allow`: Labels that do not reject the image. They may be of any level, in upper or lower case, and they include all
    labels beneath them.

    Returns `{"accepted", "reason", "detail": {"labels": [{"name", "confidence"}]}}`, with at most 20 labels.
    """
    harmless = _harmless(found, allow={name.casefold() for name in allow})
    rejecting = [label for label in found if label["Name"] not in harmless]
    if not rejecting:
        return accepted(detail={"labels": []})
    surest_first = sorted(rejecting, key=lambda label: label["Confidence"], reverse=True)
    labels = [
        {"name": label["Name"], "confidence": round(label["Confidence"], 1)} for label in surest_first[:_MAX_LABELS]
    ]
    return rejected(UploadFault.FAILED_MODERATION, detail={"labels": labels})


def _harmless(found: Sequence["ModerationLabelTypeDef"], *, allow: set[str]) -> set[str]:
    parents = {label["Name"]: label.get("ParentName", "") for label in found}

    def lineage(name: str) -> Iterator[str]:
        for _ in range(_LEVELS):
            if not name:
                return
            yield name
            name = parents.get(name, "")

    allowed = {name for name in parents if allow & {line.casefold() for line in lineage(name)}}
    rejecting_leaves = parents.keys() - allowed - set(parents.values())
    # Rekognition returns a label with all labels above it. A label that is only above allowed labels adds nothing.
    of_allowed = {line for name in allowed for line in lineage(name)}
    return of_allowed - {line for name in rejecting_leaves for line in lineage(name)}
