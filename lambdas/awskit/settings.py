"""Settings that several steps read: from their environment, or from what a route says of a check."""

import os
from collections.abc import Mapping
from typing import Any

from safelight_contracts.development import Development, development_from_environment
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits, limits_from_environment
from safelight_contracts.showing import Showing, showing_from_environment


def limits() -> Limits:
    """Read what an image may be: MAX_BYTES, MAX_PIXELS and so on."""
    return limits_from_environment(os.environ)


def development() -> Development:
    """Read how camera raw is developed: DEVELOPMENT."""
    return development_from_environment(os.environ)


def showing() -> Showing:
    """Read in which ways readers can see an image: SHOWING."""
    return showing_from_environment(os.environ)


def min_pixels() -> int:
    """Read the least that an image's shorter side must have: MIN_PIXELS."""
    return int(os.environ["MIN_PIXELS"])


def allowed_types() -> set[ImageType]:
    """Read the types that are accepted: ALLOWED_TYPES, separated by commas."""
    return {ImageType(name.strip()) for name in os.environ["ALLOWED_TYPES"].split(",")}


def min_confidence(event: Mapping[str, Any]) -> float | None:
    """Read the least confidence that counts, in percent; None is Rekognition's own.

    Parameters
    ----------
    event
        What the workflow sent: `{"check": {"minConfidence"}}` where routes are data. Without a `check`, all
        uploads are looked at alike, and MIN_CONFIDENCE says it.
    """
    if "check" in event:
        confidence = event["check"].get("minConfidence")
        return None if confidence is None else float(confidence)
    text = os.environ.get("MIN_CONFIDENCE")
    return float(text) if text else None
