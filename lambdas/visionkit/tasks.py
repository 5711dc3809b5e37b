"""Tasks that a worker performs with detectors. Results are plain values."""

from imagekit.tiles import Tiles
from visionkit.people import see_people


def look_for_people(data: bytes, *, min_confidence: float, tiles: Tiles) -> tuple[tuple[float, int], list[bytes]]:
    """Look for people: the confidence and the number of a `PeopleDetection`, and no file."""
    detection = see_people(data, min_confidence=min_confidence, tiles=tiles)
    return (detection.confidence, detection.people), []
