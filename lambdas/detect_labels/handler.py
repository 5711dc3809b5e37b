"""Entry point of the check on what an image shows."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from awskit.analysis import analysis_of, show_analysis_image
from awskit.bounds import bounded
from awskit.labels import boxes_of, count_people, find_labels
from awskit.rejection import UploadFault
from awskit.settings import limits, min_confidence, showing
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from imagekit.tiles import Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import LabelTypeDef

_MAX_LABELS = 25


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image shows what its route requires; where routes are not data, whether it shows no people.

    Parameters
    ----------
    event
        `{"image", "execution"}`, and where routes are data `"analysis"`, the image to look at instead of the
        upload itself, and `"check": {"required", "minConfidence"}`: labels that must all be there, in any case,
        by their own name, an alias or a label above them.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        With a `check`: `{"accepted", "reason", "detail": {"missing": [name]}}`, and of an image that is accepted where
        what is required was seen, `boxes`, as `awskit.labels.boxes_of` gives them. Without: `{"accepted", "reason",
        "detail": {"people"}, "labels": [{"name", "confidence", "instances"}]}`, at most 25 labels.
    """

    def check(upload: Upload) -> Answer:
        find = partial(find_labels, min_confidence=min_confidence(event))
        if "check" in event:
            analysis = analysis_of(event)
            found = show_analysis_image(analysis, upload=upload, ask=find)
            return _verdict_on_required(found, required=event["check"]["required"], tiles=analysis.tiles)
        # It makes proxies, and a workflow that has analysis images gives this function no decoder.
        from awskit.rekognition import show_upload

        seen = show_upload(upload, limits=limits(), showing=showing(), ask=find)
        return _verdict_on_people(seen.found, tiles=seen.tiles)

    unseen: Answer = {} if "check" in event else {"labels": []}
    return unseen | answer_check(event, check=check)


def _verdict_on_required(found: Sequence["LabelTypeDef"], *, required: Sequence[str], tiles: Tiles) -> Answer:
    names = {name.casefold() for label in found for name in _names(label)}
    missing = [name for name in required if name.casefold() not in names]
    if missing:
        return rejected(UploadFault.MISSING_LABELS, detail={"missing": missing})
    boxes = boxes_of(found, names={name.casefold() for name in required}, tiles=tiles)
    return accepted(detail={"missing": [], "boxes": boxes})


def _names(label: "LabelTypeDef") -> Iterator[str]:
    yield label["Name"]
    for other in (*(label.get("Aliases") or ()), *(label.get("Parents") or ())):
        yield other["Name"]


def _verdict_on_people(found: Sequence["LabelTypeDef"], *, tiles: Tiles) -> Answer:
    people = count_people(found, tiles=tiles)
    surest_first = sorted(found, key=lambda label: label["Confidence"], reverse=True)
    labels = [
        {
            "name": bounded(label["Name"]),
            "confidence": round(label["Confidence"], 1),
            "instances": len(label.get("Instances") or []),
        }
        for label in surest_first[:_MAX_LABELS]
    ]
    detail = {"people": people}
    if people:
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) | {"labels": labels}
    return accepted(detail=detail) | {"labels": labels}
