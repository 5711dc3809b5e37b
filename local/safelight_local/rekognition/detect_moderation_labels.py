"""DetectModerationLabels: unsafe content. The stand-in detects nudity only.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from safelight_local.rekognition.detectors import NudityClassifier
from safelight_local.rekognition.errors import ServiceError

DEFAULT_MIN_CONFIDENCE = 50.0
MODERATION_MODEL_VERSION = "7.0"

# How a likelihood of nudity maps to Rekognition's taxonomy. This is our choice: its models are not public.
_EXPLICIT_FROM = 0.8
_NUDITY_FROM = 0.5
_EXPLICIT = ("Explicit Nudity", "Explicit")
_NON_EXPLICIT = ("Non-Explicit Nudity", "Non-Explicit Nudity of Intimate parts and Kissing")


def detect_moderation_labels(
    request: Mapping[str, Any], *, image: Image.Image, classifier: NudityClassifier
) -> dict[str, Any]:
    """Answer a DetectModerationLabels request.

    `request`: the request, valid by the service model. Default of ``MinConfidence``: 50.

    Raises ServiceError if the request asks for a custom adapter or a human review, which the stand-in lacks.
    """
    if "ProjectVersion" in request or "HumanLoopConfig" in request:
        raise ServiceError(
            "InvalidParameterException",
            "The stand-in for Rekognition knows no ProjectVersion and no HumanLoopConfig",
        )
    min_confidence = request.get("MinConfidence", DEFAULT_MIN_CONFIDENCE)
    return {
        "ModerationLabels": moderation_labels(classifier.score(image), min_confidence=min_confidence),
        "ModerationModelVersion": MODERATION_MODEL_VERSION,
        "ContentTypes": [],
    }


def moderation_labels(nudity: float, *, min_confidence: float) -> list[dict[str, Any]]:
    """Convert a likelihood of nudity to Rekognition's moderation labels, from the leaf to the root.

    `nudity`: 0 to 1. Under 0.5 there is no label, from 0.8 on it is explicit.
    `min_confidence`: no label is less sure than this, 0 to 100.
    """
    confidence = nudity * 100
    if nudity < _NUDITY_FROM or confidence < min_confidence:
        return []
    leaf, root = _EXPLICIT if nudity >= _EXPLICIT_FROM else _NON_EXPLICIT
    return [
        {"Name": leaf, "Confidence": confidence, "ParentName": root, "TaxonomyLevel": 2},
        {"Name": root, "Confidence": confidence, "ParentName": "", "TaxonomyLevel": 1},
    ]
