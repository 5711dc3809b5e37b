"""Settings that several steps read: from their environment, or from what a route says of a check."""

import os
from collections.abc import Mapping
from typing import Any

from imagekit.image_type import ImageType
from imagekit.limits import Limits


def limits() -> Limits:
    """Read what an image may take: MAX_BYTES, MAX_PIXELS and MAX_SECONDS, with their defaults."""
    return Limits(
        max_bytes=int(os.environ.get("MAX_BYTES", Limits.max_bytes)),
        max_pixels=int(os.environ.get("MAX_PIXELS", Limits.max_pixels)),
        max_seconds=int(os.environ.get("MAX_SECONDS", Limits.max_seconds)),
    )


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
