"""Where something to cover is, and how boxes travel from the detector to what covers them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_BOXES = 1_000
"""The most boxes of one image. A payload of Step Functions has 256 KiB, and each box takes about 36 bytes of it."""

MAX_RATIO = 10.0
"""The largest coordinate, positive or negative. Detectors return boxes that overhang an edge by less than 1."""

_MAX_CONFIDENCE = 100
# A hundred-thousandth of the longest side that is accepted is less than a pixel, and boxes are padded by 2 or more.
_STEPS = 100_000
_MAX_SIZE = round(MAX_RATIO * _STEPS)
# Differences of decimals that no step can hold, such as 0.1 + 0.2 - 0.3.
_NOTHING = 1e-9
_NUMBERS_OF_A_BOX = 6


class BoxKind(StrEnum):
    """What is in a box."""

    FACE = "FACE"
    TEXT = "TEXT"
    PLATE = "PLATE"


# The number of a kind in the written form is its place here.
_KINDS = (BoxKind.FACE, BoxKind.TEXT, BoxKind.PLATE)


class MalformedBoxError(ValueError):
    """A coordinate of a box is missing, or is not a number that a detector can mean."""


class TooManyBoxesError(ValueError):
    """An image has more than `MAX_BOXES` boxes."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of the image as displayed, upright.

    It may overhang the edges of the image, lie outside it, or be empty.

    Parameters
    ----------
    kind
        What is in it.
    left, top, width, height
        As parts of the image's width and height.
    confidence
        The detector's, in percent.

    Raises
    ------
    MalformedBoxError
        If a number is missing, NaN, infinite or beyond `MAX_RATIO`, a size is negative, or the confidence is not 0 to
        100.
    """

    kind: BoxKind
    left: float
    top: float
    width: float
    height: float
    confidence: float

    def __post_init__(self) -> None:
        for name in ("left", "top", "width", "height"):
            _check(name, getattr(self, name), least=-MAX_RATIO, most=MAX_RATIO)
        for name in ("width", "height"):
            _check(name, getattr(self, name), least=0, most=MAX_RATIO)
        _check("confidence", self.confidence, least=0, most=_MAX_CONFIDENCE)

    @property
    def right(self) -> float:
        """The right edge, as a part of the image's width."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge, as a part of the image's height."""
        return self.top + self.height


def counts_of(boxes: Sequence[Box]) -> dict[str, int]:
    """Count boxes by their kind. Kinds without a box are left out."""
    counts = {kind.value: sum(box.kind is kind for box in boxes) for kind in BoxKind}
    return {kind: number for kind, number in counts.items() if number}


def boxes_to_json(boxes: Sequence[Box]) -> list[list[int]]:
    """Write boxes as lists of six integers: kind, left, top, width, height, confidence.

    A kind is 0 (a face), 1 (text) or 2 (a plate). Coordinates are in hundred-thousandths, rounded outwards, so that no
    box becomes smaller. The confidence is rounded to percent.

    Raises
    ------
    TooManyBoxesError
        If there are more than `MAX_BOXES`.
    """
    _check_number(len(boxes))
    return [_to_list(box) for box in boxes]


def boxes_from_json(described: Sequence[Sequence[int]]) -> list[Box]:
    """Read boxes.

    Raises
    ------
    MalformedBoxError
        If a list does not describe a box.
    TooManyBoxesError
        If there are more than `MAX_BOXES`.
    """
    _check_number(len(described))
    return [_from_list(one) for one in described]


def _check(name: str, value: object, *, least: float, most: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:  # type: ignore[operator, arg-type]
        raise MalformedBoxError(f"Box: {name} is {value!r}, and must be a number from {least:g} to {most:g}.")


def _check_number(number: int) -> None:
    if number > MAX_BOXES:
        raise TooManyBoxesError(f"The image has {number:,} boxes, and the maximum is {MAX_BOXES:,}.")


def _to_list(box: Box) -> list[int]:
    left, top = _down(box.left), _down(box.top)
    return [
        _KINDS.index(box.kind),
        left,
        top,
        min(_MAX_SIZE, _up(box.right) - left),
        min(_MAX_SIZE, _up(box.bottom) - top),
        round(box.confidence),
    ]


def _from_list(numbers: Sequence[int]) -> Box:
    if len(numbers) != _NUMBERS_OF_A_BOX or not _is_kind(numbers[0]):
        raise MalformedBoxError(f"A box is six numbers that begin with its kind, and not {list(numbers)!r}.")
    kind, *sides, confidence = numbers
    for name, number in zip(("left", "top", "width", "height"), sides, strict=True):
        _check(name, number, least=-math.inf, most=math.inf)
    left, top, width, height = (number / _STEPS for number in sides)
    return Box(kind=_KINDS[kind], left=left, top=top, width=width, height=height, confidence=confidence)


def _is_kind(number: object) -> bool:
    return isinstance(number, int) and 0 <= number < len(_KINDS)


def _down(ratio: float) -> int:
    return math.floor(ratio * _STEPS + _NOTHING)


def _up(ratio: float) -> int:
    return math.ceil(ratio * _STEPS - _NOTHING)
