"""Check Rekognition's answers against the shape that its API reference documents.

An answer of another shape means that the check was not made. It never accepts an image. The SDK hides some of these
answers: it reads an object instead of a list as an empty list. So the same function checks an answer twice: in its
raw form, before the SDK parses it, and in the form that the SDK returns.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        FaceDetailTypeDef,
        LabelTypeDef,
        ModerationLabelTypeDef,
        TextDetectionTypeDef,
    )

_SIDES = ("Left", "Top", "Width", "Height")
_OK, _FIRST_ERROR_STATUS = 200, 300
# In parts of the sides. A box may extend beyond the picture ("BoundingBox" in the API reference), but not by so much.
_BEYOND = 1.0


class MalformedAnswer(Exception):  # noqa: N818 - the error name that records have
    """Raised if a service's answer does not have the documented shape, so that nothing is known of the image."""


def moderation_labels(answer: Mapping[str, Any]) -> "list[ModerationLabelTypeDef]":
    """Return the labels of an answer of DetectModerationLabels.

    Raises MalformedAnswer if the list is missing, or a label in it has no name or no confidence.
    """
    labels = _list(answer, "ModerationLabels")
    for label in labels:
        _check_named(label)
        _check_number(label, "Confidence")
        if label.get("ParentName") is not None and not isinstance(label["ParentName"], str):
            raise MalformedAnswer("ParentName is not a string")
    return cast("list[ModerationLabelTypeDef]", labels)


def labels_of(answer: Mapping[str, Any]) -> "list[LabelTypeDef]":
    """Return the labels of an answer of DetectLabels.

    Raises MalformedAnswer if the list is missing, a label in it has no name or no confidence, or its instances, aliases
    or parent labels cannot be read.
    """
    labels = _list(answer, "Labels")
    for label in labels:
        _check_named(label)
        _check_number(label, "Confidence")
        for name in ("Aliases", "Parents"):
            for other in _optional_list(label, name):
                _check_named(other)
        for instance in _optional_list(label, "Instances"):
            _check_box(instance)
            if instance.get("BoundingBox") is not None:
                _check_number(instance, "Confidence")
    return cast("list[LabelTypeDef]", labels)


def text_detections(answer: Mapping[str, Any]) -> "list[TextDetectionTypeDef]":
    """Return the lines and words of an answer of DetectText.

    Raises MalformedAnswer if the list is missing, a detection in it has no text, type or confidence, or its box cannot
    be read.
    """
    detections = _list(answer, "TextDetections")
    for detection in detections:
        if not isinstance(detection.get("DetectedText"), str) or detection.get("Type") not in ("LINE", "WORD"):
            raise MalformedAnswer("a detection has no text or an unknown type")
        _check_number(detection, "Confidence")
        geometry = detection.get("Geometry")
        if geometry is not None and not isinstance(geometry, dict):
            raise MalformedAnswer("Geometry is not an object")
        _check_box(geometry or {})
    return cast("list[TextDetectionTypeDef]", detections)


def face_details(answer: Mapping[str, Any]) -> "list[FaceDetailTypeDef]":
    """Return the faces of an answer of DetectFaces.

    Raises MalformedAnswer if the list is missing, or a face in it has no box.
    """
    faces = _list(answer, "FaceDetails")
    for face in faces:
        if face.get("BoundingBox") is None:
            raise MalformedAnswer("a face has no box")
        _check_box(face)
    return cast("list[FaceDetailTypeDef]", faces)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "DetectModerationLabels": moderation_labels,
    "DetectLabels": labels_of,
    "DetectText": text_detections,
    "DetectFaces": face_details,
}


def check_raw_answer(*, operation_model: Any, response_dict: Mapping[str, Any], **_: object) -> None:
    """Check a raw answer. This is a handler of the SDK's event `before-parse.rekognition`.

    `operation_model`: the SDK's model of the operation.
    `response_dict`: `{"status_code", "body", ...}`. The SDK handles an error itself.

    Raises MalformedAnswer if the status is another success than 200, or the body is not a JSON object, names an error
    or a field twice, or does not have the shape of the operation's answer.
    """
    reader = _READERS.get(operation_model.name)
    if reader is None or response_dict["status_code"] >= _FIRST_ERROR_STATUS:
        return
    if response_dict["status_code"] != _OK:
        raise MalformedAnswer(f"the status is {response_dict['status_code']}")
    try:
        answer = json.loads(response_dict["body"], object_pairs_hook=_object)
    except ValueError as error:
        raise MalformedAnswer("the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise MalformedAnswer("the answer is not an object")
    if "__type" in answer:
        raise MalformedAnswer("the answer names an error")
    reader(answer)


def _object(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(fields)
    if len(found) != len(fields):
        raise MalformedAnswer("the answer has a field twice")
    return found


def _list(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise MalformedAnswer(f"{name} is not a list of objects")
    return found


def _optional_list(label: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [] if label.get(name) is None else _list(label, name)


def _check_named(label: Mapping[str, Any]) -> None:
    name = label.get("Name")
    if not isinstance(name, str) or not name:
        raise MalformedAnswer("a label has no name")


def _check_box(owner: Mapping[str, Any]) -> None:
    box = owner.get("BoundingBox")
    if box is None:
        return
    if not isinstance(box, dict):
        raise MalformedAnswer("BoundingBox is not an object")
    for side in _SIDES:
        _check_number(box, side)
    for start, length in (("Left", "Width"), ("Top", "Height")):
        first, last = box[start], box[start] + box[length]
        if not -_BEYOND <= first < last <= 1 + _BEYOND:
            raise MalformedAnswer(f"{start} and {length} are not a part of the picture")


def _check_number(values: Mapping[str, Any], name: str) -> None:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedAnswer(f"{name} is not a number")
