"""DetectLabels: what is in the image, and where.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from safelight_local.rekognition.detectors import ObjectDetector
from safelight_local.rekognition.errors import ServiceError
from safelight_local.rekognition.geometry import bounding_box
from safelight_local.rekognition.labels import COCO_LABELS, Label, ancestors
from safelight_local.rekognition.ssd import Detection

DEFAULT_MIN_CONFIDENCE = 55.0
LABEL_MODEL_VERSION = "3.0"


def detect_labels(request: Mapping[str, Any], *, image: Image.Image, detector: ObjectDetector) -> dict[str, Any]:
    """Answer a DetectLabels request.

    `request`: the request, valid by the service model. Default of ``MinConfidence``: 55. Default of ``MaxLabels``: all.

    Raises ServiceError if the request asks for image properties or filters on labels, which the stand-in lacks.
    """
    if request.get("Features", ["GENERAL_LABELS"]) != ["GENERAL_LABELS"] or "Settings" in request:
        raise ServiceError(
            "InvalidParameterException",
            "The stand-in for Rekognition knows no feature but GENERAL_LABELS, and no Settings",
        )
    labels = describe(detector.detect(image), min_confidence=request.get("MinConfidence", DEFAULT_MIN_CONFIDENCE))
    return {"Labels": labels[: request.get("MaxLabels")], "LabelModelVersion": LABEL_MODEL_VERSION}


def describe(detections: Sequence[Detection], *, min_confidence: float) -> list[dict[str, Any]]:
    """Group detections into Rekognition's labels, in order of confidence.

    An ancestor comes as a label of its own, as sure as the surest of its descendants, and has instances only
    when it was detected itself.

    `detections`: Objects named by COCO's classes.
    `min_confidence`: Detections below this confidence, 0 to 100, are dropped.
    """
    instances: dict[str, list[dict[str, Any]]] = {}
    confidences: dict[str, float] = {}
    known: dict[str, Label] = {}
    for detection in sorted(detections, key=lambda each: -each.score):
        confidence = detection.score * 100
        if confidence < min_confidence:
            continue
        label = COCO_LABELS[detection.name]
        instances.setdefault(label.name, []).append(_instance(detection))
        for each in (label, *ancestors(label)):
            known.setdefault(each.name, each)
            confidences.setdefault(each.name, confidence)
    return [
        {
            "Name": name,
            "Confidence": confidence,
            "Instances": instances.get(name, []),
            "Parents": [{"Name": parent} for parent in known[name].parents],
            "Aliases": [],
            "Categories": [{"Name": known[name].category}],
        }
        for name, confidence in sorted(confidences.items(), key=lambda item: -item[1])
    ]


def _instance(detection: Detection) -> dict[str, Any]:
    return {"BoundingBox": bounding_box(detection.box), "Confidence": detection.score * 100}
