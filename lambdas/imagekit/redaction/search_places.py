"""Where in an image a detector looks, and the boxes that it finds there as boxes of the whole image.

Rekognition finds faces of 40 pixels in a picture of 1920 x 1080, and proportionally larger ones in a larger picture
("Specifications for facial analysis" in its developer guide). It returns the 100 largest faces. A large or a long image
is therefore searched in tiles, too, and so is every place where it finds 100 faces.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from imagekit.geometry import WHOLE, Size
from imagekit.geometry import Box as Place
from imagekit.rendering.contact_sheet import needs_contact_sheet
from safelight_contracts.redaction.boxes import Box, BoxKind

MAX_FACES = 100
"""The most faces that Rekognition's DetectFaces returns for a picture."""

MAX_TILE_SIDE = 4_096
"""The longest side, in pixels, of a place that is searched in one picture. A face of 85 pixels is found in it. A
photograph of 12 megapixels (4032 x 3024) is one picture, and one of 24 megapixels (6000 x 4000) is three: itself, and
two tiles."""

MIN_TILE_SIDE = 320
"""The longer side, in pixels, from which on a place is not divided any more."""

# Tiles of a long image are twice as long as they are wide.
_TILE_ASPECT = 2
# The part of a tile that the next one has, too. That is at least a 48th of the image's longer side, for up to 16:1 and
# 30,000 pixels. A larger face is found in the whole image: 40 pixels of 1920.
_OVERLAP = 0.2
_SAME = 0.5
_INSIDE = 0.9


@dataclass(frozen=True, kw_only=True)
class DetectionPicture:
    """A picture that a detector searches.

    `data`: a JPEG of 80 to 1920 pixels a side and at most 5 MB.
    `place`: the part of the upright image that it shows.
    """

    data: bytes
    place: Place


def first_places(image: Size) -> list[Place]:
    """List the places to search: the whole image and, if it is large or long, tiles of it.

    `image`: the size of the upright image.
    """
    side = MAX_TILE_SIDE
    if needs_contact_sheet(image):
        side = min(side, _TILE_ASPECT * min(image.width, image.height))
    columns, rows = (_number(length, side=side) for length in (image.width, image.height))
    return [WHOLE] if columns * rows == 1 else [WHOLE, *_tiles(WHOLE, columns=columns, rows=rows)]


def closer_places(place: Place, *, image: Size) -> list[Place]:
    """List the places to search where a detector found `MAX_FACES` faces, because there may be more.

    Result: four tiles. None if they would be too small: then nobody knows whether all faces were found.
    """
    width, height = (place.right - place.left) * image.width, (place.bottom - place.top) * image.height
    return [] if max(width, height) <= MIN_TILE_SIDE else _tiles(place, columns=2, rows=2)


def in_whole(box: Box, *, place: Place) -> Box:
    """Convert a box of the picture of a place to the same box of the whole image."""
    width, height = place.right - place.left, place.bottom - place.top
    return replace(
        box,
        left=place.left + box.left * width,
        top=place.top + box.top * height,
        width=box.width * width,
        height=box.height * height,
    )


def without_duplicates(boxes: Iterable[Box]) -> list[Box]:
    """Merge boxes of one kind that show the same thing: they share half of their area, or one is nearly in the other.

    A merged box covers all that either covers, and has the higher confidence.
    """
    kept: list[Box] = []
    for box in sorted(boxes, key=_area, reverse=True):
        same = next((number for number, one in enumerate(kept) if _is_same(one, box)), None)
        if same is None:
            kept.append(box)
        else:
            kept[same] = _union(kept[same], box)
    return kept


def grown(box: Box, *, across: float, down: float, kind: BoxKind) -> Box:
    """Move the sides of a box outwards. `across`, `down`: by how much, as parts of the image's width and height."""
    return replace(
        box,
        kind=kind,
        left=box.left - across,
        top=box.top - down,
        width=box.width + 2 * across,
        height=box.height + 2 * down,
    )


def _number(length: int, *, side: int) -> int:
    """Return the fewest overlapping tiles that are no longer than a side."""
    number = 1
    while length > side * (number - (number - 1) * _OVERLAP):
        number += 1
    return number


def _tiles(place: Place, *, columns: int, rows: int) -> list[Place]:
    return [
        Place(left=left, top=top, right=right, bottom=bottom)
        for (top, bottom), (left, right) in product(
            _spans(place.top, place.bottom, number=rows), _spans(place.left, place.right, number=columns)
        )
    ]


def _spans(start: float, end: float, *, number: int) -> Sequence[tuple[float, float]]:
    length = (end - start) / (number - (number - 1) * _OVERLAP)
    starts = [start + index * length * (1 - _OVERLAP) for index in range(number)]
    return [(one, min(end, one + length)) for one in starts[:-1]] + [(starts[-1], end)]


def _area(box: Box) -> float:
    return box.width * box.height


def _is_same(one: Box, other: Box) -> bool:
    if one.kind is not other.kind:
        return False
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return False
    shared = width * height
    smaller = min(_area(one), _area(other))
    return shared >= _SAME * (_area(one) + _area(other) - shared) or shared >= _INSIDE * smaller


def _union(one: Box, other: Box) -> Box:
    left, top = min(one.left, other.left), min(one.top, other.top)
    return replace(
        one,
        left=left,
        top=top,
        width=max(one.right, other.right) - left,
        height=max(one.bottom, other.bottom) - top,
        confidence=max(one.confidence, other.confidence),
    )
