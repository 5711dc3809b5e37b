"""Entry point of the check for people in workflows whose routes are not data."""

from functools import partial
from typing import TYPE_CHECKING, Any

from awskit.bounds import bounded
from awskit.rejection import UploadFault
from awskit.rekognition.detection import Detections, detect_in_upload
from awskit.rekognition.labels import boxes_of_people, count_people, find_labels
from awskit.settings import limits, min_confidence, presentation
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import LabelTypeDef

_MAX_LABELS = 25


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an upload shows no people.

    `event`: `{"image", "execution"}`.

    Returns `{"accepted", "reason", "detail": {"people", "boxes"}, "labels": [{"name", "confidence", "instances"}]}`,
    with at most 25 labels. `boxes` are from `awskit.rekognition.labels.boxes_of_people`. There are none if
    Rekognition examined an image that is laid out differently from the upload.
    """
    find = partial(find_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        return _verdict(detect_in_upload(upload, limits=limits(), presentation=presentation(), ask=find))

    return {"labels": []} | answer_check(event, check=check)


def _verdict(detections: Detections[list["LabelTypeDef"]]) -> Answer:
    found = detections.found
    people = count_people(found, tiles=detections.tiles)
    surest_first = sorted(found, key=lambda label: label["Confidence"], reverse=True)
    labels = [
        {
            "name": bounded(label["Name"]),
            "confidence": round(label["Confidence"], 1),
            "instances": len(label.get("Instances") or []),
        }
        for label in surest_first[:_MAX_LABELS]
    ]
    detail = {"people": people, "boxes": boxes_of_people(found) if detections.show_upload else []}
    if people:
        return rejected(UploadFault.NO_PEOPLE_ALLOWED, detail=detail) | {"labels": labels}
    return accepted(detail=detail) | {"labels": labels}
