"""Settings that several steps read from their environment."""

import os

from imagekit.limits import Limits


def limits() -> Limits:
    """Read how large an image may be: MAX_BYTES and MAX_PIXELS, with their defaults."""
    return Limits(
        max_bytes=int(os.environ.get("MAX_BYTES", Limits.max_bytes)),
        max_pixels=int(os.environ.get("MAX_PIXELS", Limits.max_pixels)),
    )


def min_confidence() -> float | None:
    """Read the least confidence that counts, in percent: MIN_CONFIDENCE, or None for Rekognition's own."""
    text = os.environ.get("MIN_CONFIDENCE")
    return float(text) if text else None
