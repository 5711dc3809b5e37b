"""An image that is put on the picture."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """The unit of a `Distance`."""

    PIXELS = "px"
    PERCENT = "p"


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far from an edge of the picture.

    Parameters
    ----------
    value
        At least 0.
    unit
        Percent is of the picture's side. Default: pixels.
    from_end
        Whether it is the distance between the far edges: right and bottom. Default: ``False``, left and top.
    """

    value: float
    unit: Unit = Unit.PIXELS
    from_end: bool = False


class Place(StrEnum):
    """A place of a `Overlay` that is no distance."""

    CENTER = "center"
    REPEAT = "repeat"


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """Put an image of a permitted bucket on the picture.

    Parameters
    ----------
    bucket
        ``None`` means the bucket of the picture.
    x, y
        Where. Default: the middle.
    opacity
        0 to 1. Default: 1.
    width_ratio, height_ratio
        The largest size in percent of the picture's. The image keeps its aspect ratio and may be enlarged. Default: its
        own size, reduced if it is larger than the picture.
    """

    bucket: str | None
    key: str
    x: Distance | Place = Place.CENTER
    y: Distance | Place = Place.CENTER
    opacity: float = 1.0
    width_ratio: float | None = None
    height_ratio: float | None = None
