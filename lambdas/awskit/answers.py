"""What Rekognition answers, held against the shape that its API reference gives.

An answer of another shape is a check that was not made, and never one that accepts. The SDK hides some of them: it
reads an object in place of a list as an empty list. So an answer is looked at twice, by the same function: as it came,
before the SDK reads it, and as the SDK gives it.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import LabelTypeDef, ModerationLabelTypeDef, TextDetectionTypeDef

_SIDES = ("Left", "Top", "Width", "Height")
_FIRST_ERROR_STATUS = 300


class MalformedAnswer(Exception):  # noqa: N818 - the error name that records have
    """Raised when a service's answer has not the shape that it documents: nothing is known of the image."""


def moderation_labels(answer: Mapping[str, Any]) -> "list[ModerationLabelTypeDef]":
    """Give the labels of an answer of DetectModerationLabels.

    Parameters
    ----------
    answer
        The whole answer.

    Raises
    ------
    MalformedAnswer
        When the list is missing, or a label in it has no name or no confidence.
    """
    labels = _list(answer, "ModerationLabels")
    for label in labels:
        _check_named(label)
        _check_number(label, "Confidence")
        if label.get("ParentName") is not None and not isinstance(label["ParentName"], str):
            raise MalformedAnswer("ParentName is no text")
    return cast("list[ModerationLabelTypeDef]", labels)


def labels_of(answer: Mapping[str, Any]) -> "list[LabelTypeDef]":
    """Give the labels of an answer of DetectLabels.

    Parameters
    ----------
    answer
        The whole answer.

    Raises
    ------
    MalformedAnswer
        When the list is missing, a label in it has no name or no confidence, or what it says of instances, aliases or
        labels above it cannot be read.
    """
    labels = _list(answer, "Labels")
    for label in labels:
        _check_named(label)
        _check_number(label, "Confidence")
        for name in ("Aliases", "Parents"):
            for other in _optional_list(label, name):
                _check_named(other)
        for instance in _optional_list(label, "Instances"):
            _check_instance(instance)
    return cast("list[LabelTypeDef]", labels)


def text_detections(answer: Mapping[str, Any]) -> "list[TextDetectionTypeDef]":
    """Give the lines and words of an answer of DetectText.

    Parameters
    ----------
    answer
        The whole answer.

    Raises
    ------
    MalformedAnswer
        When the list is missing, or a detection in it has no text, type or confidence.
    """
    detections = _list(answer, "TextDetections")
    for detection in detections:
        if not isinstance(detection.get("DetectedText"), str) or detection.get("Type") not in ("LINE", "WORD"):
            raise MalformedAnswer("a detection without a text, or of no known type")
        _check_number(detection, "Confidence")
    return cast("list[TextDetectionTypeDef]", detections)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "DetectModerationLabels": moderation_labels,
    "DetectLabels": labels_of,
    "DetectText": text_detections,
}


def check_raw_answer(*, operation_model: Any, response_dict: Mapping[str, Any], **_: object) -> None:
    """Look at an answer as it came: a handler of the SDK's event `before-parse.rekognition`.

    Parameters
    ----------
    operation_model
        The SDK's model of the operation.
    response_dict
        `{"status_code", "body", ...}`. An error is left to the SDK.

    Raises
    ------
    MalformedAnswer
        When the body is no JSON object, or has not the shape of the operation's answer.
    """
    reader = _READERS.get(operation_model.name)
    if reader is None or response_dict["status_code"] >= _FIRST_ERROR_STATUS:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError as error:
        raise MalformedAnswer("the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise MalformedAnswer("the answer is no object")
    reader(answer)


def _list(answer: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise MalformedAnswer(f"{name} is no list of objects")
    return found


def _optional_list(label: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [] if label.get(name) is None else _list(label, name)


def _check_named(label: Mapping[str, Any]) -> None:
    name = label.get("Name")
    if not isinstance(name, str) or not name:
        raise MalformedAnswer("a label without a name")


def _check_instance(instance: Mapping[str, Any]) -> None:
    box = instance.get("BoundingBox")
    if box is None:
        return
    if not isinstance(box, dict):
        raise MalformedAnswer("BoundingBox is no object")
    for side in _SIDES:
        _check_number(box, side)
    _check_number(instance, "Confidence")


def _check_number(values: Mapping[str, Any], name: str) -> None:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedAnswer(f"{name} is no number")
