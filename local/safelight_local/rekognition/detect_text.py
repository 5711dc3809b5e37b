"""DetectText: the lines and words in the image.

https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectText.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from safelight_local.rekognition.errors import ServiceError
from safelight_local.rekognition.geometry import Box, Point, bounding_box
from safelight_local.rekognition.text_reader import Text, TextReader

DEFAULT_MIN_CONFIDENCE = 80.0
MAX_WORDS = 100
TEXT_MODEL_VERSION = "3.0"

_WORD = re.compile(r"\S+")


def detect_text(request: Mapping[str, Any], *, image: Image.Image, reader: TextReader) -> dict[str, Any]:
    """Answer a DetectText request.

    `request`: the request, valid by the service model. Default of ``WordFilter.MinConfidence``: 80. Other filters
    have no default.

    Raises ServiceError if a region of interest is not a bounding box: the stand-in does not support polygons.
    """
    filters = request.get("Filters", {})
    regions = filters.get("RegionsOfInterest", [])
    if any(set(region) != {"BoundingBox"} for region in regions):
        raise ServiceError(
            "InvalidParameterException",
            "The stand-in for Rekognition knows no region of interest but a BoundingBox",
        )
    detections = describe(
        reader.read(image),
        word_filter=filters.get("WordFilter", {}),
        regions=[_region(region["BoundingBox"]) for region in regions],
    )
    return {"TextDetections": detections, "TextModelVersion": TEXT_MODEL_VERSION}


def describe(
    lines: Sequence[Text], *, word_filter: Mapping[str, float], regions: Sequence[Box]
) -> list[dict[str, Any]]:
    """Convert lines to Rekognition's detections: the lines, then their words.

    The filters apply to words. At most 100 words are returned. A line is returned whole if one of its words is.

    `word_filter`: ``MinConfidence`` (0 to 100, default 80), ``MinBoundingBoxHeight`` and ``MinBoundingBoxWidth``
    (ratios of the image's sides, no default).
    `regions`: more than half of a word must be in one of these. Empty: words may be anywhere.
    """
    kept = [
        (line, word)
        for line in lines
        for word in split_words(line)
        if _passes(word, word_filter=word_filter) and (not regions or _is_within(word, regions))
    ][:MAX_WORDS]
    texts = list(dict.fromkeys(line for line, _ in kept))
    return [
        *({**_detection(line), "Type": "LINE", "Id": number} for number, line in enumerate(texts)),
        *(
            {**_detection(word), "Type": "WORD", "Id": number, "ParentId": texts.index(line)}
            for number, (line, word) in enumerate(kept, start=len(texts))
        ),
    ]


def split_words(line: Text) -> list[Text]:
    """Split a line at its spaces; each word gets the share of the line's box that its characters have in the line."""
    top_left, top_right, bottom_right, bottom_left = line.corners
    words = []
    for match in _WORD.finditer(line.text):
        start, end = (position / len(line.text) for position in match.span())
        corners = (
            _between(top_left, top_right, ratio=start),
            _between(top_left, top_right, ratio=end),
            _between(bottom_left, bottom_right, ratio=end),
            _between(bottom_left, bottom_right, ratio=start),
        )
        words.append(Text(match.group(), line.score, corners))
    return words


def _between(one: Point, other: Point, *, ratio: float) -> Point:
    return Point(one.x + (other.x - one.x) * ratio, one.y + (other.y - one.y) * ratio)


def _passes(word: Text, *, word_filter: Mapping[str, float]) -> bool:
    box = _enclose(word)
    return (
        word.score * 100 >= word_filter.get("MinConfidence", DEFAULT_MIN_CONFIDENCE)
        and box.height >= word_filter.get("MinBoundingBoxHeight", 0)
        and box.width >= word_filter.get("MinBoundingBoxWidth", 0)
    )


def _is_within(word: Text, regions: Sequence[Box]) -> bool:
    box = _enclose(word)
    return any(box.intersection(region).area > box.area / 2 for region in regions)


def _region(bounding_box: Mapping[str, float]) -> Box:
    left, top = bounding_box.get("Left", 0), bounding_box.get("Top", 0)
    return Box(left, top, left + bounding_box.get("Width", 0), top + bounding_box.get("Height", 0))


def _enclose(text: Text) -> Box:
    across, down = [corner.x for corner in text.corners], [corner.y for corner in text.corners]
    return Box(min(across), min(down), max(across), max(down))


def _detection(text: Text) -> dict[str, Any]:
    return {
        "DetectedText": text.text,
        "Confidence": text.score * 100,
        "Geometry": {
            "BoundingBox": bounding_box(_enclose(text)),
            "Polygon": [{"X": corner.x, "Y": corner.y} for corner in text.corners],
        },
    }
