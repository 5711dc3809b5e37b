"""Entry point of the check for content that must not be published."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from awskit import clients
from awskit.analysis import analysis_of, show_analysis_image
from awskit.answers import moderation_labels
from awskit.rejection import UploadFault
from awskit.settings import limits, min_confidence, showing
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        ImageTypeDef,
        ModerationLabelTypeDef,
    )

_MAX_LABELS = 20
# "Using the image and video moderation APIs" in Rekognition's developer guide: the taxonomy has three levels.
_LEVELS = 3


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image is free of everything that Rekognition has a moderation label for.

    Parameters
    ----------
    event
        `{"image", "execution"}`, and where routes are data `"analysis"`, the image to look at instead of the
        upload itself, and `"check": {"minConfidence", "allow"}`: labels that do not reject, of any level and
        in any case, with all beneath them. Left out, every label rejects.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail": {"labels": [{"name", "confidence"}]}}`, at most 20 labels.
    """

    def check(upload: Upload) -> Answer:
        confidence = min_confidence(event)

        def ask(image: "ImageTypeDef") -> "list[ModerationLabelTypeDef]":
            if confidence is None:
                return moderation_labels(clients.rekognition().detect_moderation_labels(Image=image))
            return moderation_labels(
                clients.rekognition().detect_moderation_labels(Image=image, MinConfidence=confidence)
            )

        if "analysis" in event:
            found = show_analysis_image(analysis_of(event), upload=upload, ask=ask)
        else:
            # It makes proxies, and a workflow that has analysis images gives this function no decoder.
            from awskit.rekognition import show_upload

            found = show_upload(upload, limits=limits(), showing=showing(), ask=ask).found
        return _verdict(found, allow=event.get("check", {}).get("allow", ()))

    return answer_check(event, check=check)


def _verdict(found: Sequence["ModerationLabelTypeDef"], *, allow: Sequence[str]) -> Answer:
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
    # A label comes with all above it. What stands above allowed labels alone says nothing more than they do.
    of_allowed = {line for name in allowed for line in lineage(name)}
    return of_allowed - {line for name in rejecting_leaves for line in lineage(name)}
