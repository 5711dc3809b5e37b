"""Settings that several steps read: from their environment, or from what a route says of a check."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from imagekit.decoding.development import AS_SHOT, Development, Highlights, Method, WhiteBalance
from imagekit.decoding.limits import Limits
from imagekit.formats.image_type import ImageType
from imagekit.rendering.showing import ON_WHITE, Showing


def limits() -> Limits:
    """Read what an image may be: MAX_BYTES, MAX_PIXELS and so on, in capitals what `Limits` has; its defaults else."""
    names = [field.name for field in fields(Limits)]
    return Limits(**{name: int(os.environ[name.upper()]) for name in names if name.upper() in os.environ})


def development() -> Development:
    """Read how camera raw is developed: DEVELOPMENT, in JSON; `AS_SHOT` where it is not there."""
    text = os.environ.get("DEVELOPMENT")
    if text is None:
        return AS_SHOT
    described = json.loads(text)
    return Development(
        method=Method(described["method"]),
        white_balance=WhiteBalance(described["whiteBalance"]),
        brightness=described["brightness"],
        highlights=Highlights(described["highlights"]),
    )


def showing() -> Showing:
    """Read in which ways readers may see an image: SHOWING, in JSON; `ON_WHITE` where it is not there."""
    text = os.environ.get("SHOWING")
    if text is None:
        return ON_WHITE
    described = json.loads(text)
    return Showing(backgrounds=tuple(described["backgrounds"]), animated=described["animated"])


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
