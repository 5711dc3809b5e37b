"""Entry point of the check of what an image must show, in workflows whose routes are data."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from awskit.rejection import UploadFault
from awskit.rekognition.analysis import analysis_of, detect_in_analysis_image
from awskit.rekognition.labels import boxes_of, find_labels, names_of
from awskit.settings import min_confidence
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import LabelTypeDef


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image shows what its route requires.

    `event`: `{"image", "execution", "analysis", "check": {"required", "minConfidence"}}`. `analysis` is the image to
    check. `required` lists the labels that must all be present, in upper or lower case. A label is present if its own
    name, an alias or a parent label matches.

    Returns `{"accepted", "reason", "detail": {"missing": [name], "boxes"}}`. `boxes` are from
    `awskit.rekognition.labels.boxes_of`: where the required things are.
    """
    find = partial(find_labels, min_confidence=min_confidence(event))

    def check(upload: Upload) -> Answer:
        found = detect_in_analysis_image(analysis_of(event), upload=upload, ask=find)
        return _verdict(found, required=event["check"]["required"])

    return answer_check(event, check=check)


def _verdict(found: Sequence["LabelTypeDef"], *, required: Sequence[str]) -> Answer:
    names = {name for label in found for name in names_of(label)}
    missing = [name for name in required if name.casefold() not in names]
    boxes = boxes_of(found, names={name.casefold() for name in required})
    detail = {"missing": missing, "boxes": boxes}
    return rejected(UploadFault.MISSING_LABELS, detail=detail) if missing else accepted(detail=detail)
