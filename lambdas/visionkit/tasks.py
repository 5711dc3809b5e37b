"""Tasks that a worker performs with detectors. Results are plain values."""

from dataclasses import asdict
from typing import Any

from imagekit.tiles import Tiles
from visionkit.people import see_people


def look_for_people(data: bytes, *, min_confidence: float, tiles: Tiles) -> tuple[dict[str, Any], list[bytes]]:
    """Look for people: the fields of a `PeopleDetection`, and no file."""
    return asdict(see_people(data, min_confidence=min_confidence, tiles=tiles)), []
