"""Entry point of the check for people in workflows whose routes are not data."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from awskit.bounds import bounded
from awskit.labels import count_people, find_labels
from awskit.rejection import UploadFault
from awskit.rekognition import detect_in_upload
from awskit.settings import limits, min_confidence, presentation
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from imagekit.tiles import Tiles

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import LabelTypeDef

_MAX_LABELS = 25


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an upload shows no people.

    `event`: `{"image", "execution"}`.

    Returns `{"accepted", "reason", "detail": {"people"}, "labels": [{"name", "confidence", "instances"}]}`, with at
    most 25 labels.
    """
    find = partial(find_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        detections = detect_in_upload(upload, limits=limits(), presentation=presentation(), ask=find)
        return _verdict(detections.found, tiles=detections.tiles)

    return {"labels": []} | answer_check(event, check=check)


def _verdict(found: Sequence["LabelTypeDef"], *, tiles: Tiles) -> Answer:
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
