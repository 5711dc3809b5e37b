"""Settings that several steps read from their environment, or from a route's settings for a check."""

import os
from collections.abc import Mapping
from typing import Any

from safelight_contracts.development import Development, development_from_environment
from safelight_contracts.environment import Variable
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits, limits_from_environment
from safelight_contracts.presentation import Presentation, presentation_from_environment


def limits() -> Limits:
    """Read the limits of an image: MAX_BYTES, MAX_PIXELS and so on."""
    return limits_from_environment(os.environ)


def development() -> Development:
    """Read how to develop camera raw: DEVELOPMENT."""
    return development_from_environment(os.environ)


def presentation() -> Presentation:
    """Read how readers see renditions: PRESENTATION."""
    return presentation_from_environment(os.environ)


def min_pixels() -> int:
    """Read the minimum length of an image's shorter side: MIN_PIXELS."""
    return int(os.environ[Variable.MIN_PIXELS])


def allowed_types() -> set[ImageType]:
    """Read the accepted image types: ALLOWED_TYPES, separated by commas."""
    return {ImageType(name.strip()) for name in os.environ[Variable.ALLOWED_TYPES].split(",")}


def min_confidence(event: Mapping[str, Any]) -> float | None:
    """Read the minimum confidence in percent. None means Rekognition's own default.

    `event`: the step's event: `{"check": {"minConfidence"}}` in a workflow whose routes are data. An event without
    `check` treats all uploads alike, and MIN_CONFIDENCE gives the minimum.
    """
    if "check" in event:
        confidence = event["check"].get("minConfidence")
        return None if confidence is None else float(confidence)
    text = os.environ.get(Variable.MIN_CONFIDENCE)
    return float(text) if text else None
