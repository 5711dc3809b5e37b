"""Operations that change a picture's sides.

Every value is about the upright picture, in pixels of the picture as it is when the operation's turn comes.
"""

from dataclasses import dataclass
from enum import StrEnum

from safelight_contracts.delivery.colors import BLACK, Color

MAX_SIDE = 8_192
"""The longest side, in pixels, that a request may ask for."""


class Auto(StrEnum):
    """A side that the request leaves open."""

    RATIO = "auto"
    """What the aspect ratio gives."""
    ORIGINAL = "orig"
    """The picture's own side."""


class Corner(StrEnum):
    """The corner whose pixel has the colour that `Trim` removes."""

    TOP_LEFT = "top-left"
    BOTTOM_RIGHT = "bottom-right"


class ResizeFit(StrEnum):
    """How a picture is fitted to a box."""

    COVER = "cover"
    """Fill the box, and crop what overhangs at the `Gravity`."""
    CONTAIN = "contain"
    """Fit the whole picture into the box, and pad to the size of the box."""
    FILL = "fill"
    """Stretch the picture to the box."""
    INSIDE = "inside"
    """Fit the whole picture into the box. The result can be smaller than the box on one side."""
    OUTSIDE = "outside"
    """Cover the box. The result can be larger than the box on one side."""


class Horizontal(StrEnum):
    """Which part of a picture that is too wide stays."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Vertical(StrEnum):
    """Which part of a picture that is too high stays."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


@dataclass(frozen=True, kw_only=True)
class Trim:
    """Remove edges that have the colour of a corner.

    Parameters
    ----------
    corner
        Default: top left.
    tolerance
        The largest difference of a channel, 0 to 255, that still counts as the same colour. Default: 10, as sharp's.
    """

    corner: Corner = Corner.TOP_LEFT
    tolerance: int = 10


@dataclass(frozen=True, kw_only=True)
class Crop:
    """Keep a rectangle, as far as it lies in the picture. Edges in pixels, ``right`` and ``bottom`` exclusive."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, kw_only=True)
class CropToFaces:
    """Crop to faces. A picture without such a face stays as it is.

    Parameters
    ----------
    index
        The face, the largest first. ``None`` means all faces together. Default: the largest.
    padding
        Pixels around the box, as far as the picture reaches. Default: 0.
    """

    index: int | None = 0
    padding: int = 0


@dataclass(frozen=True, kw_only=True)
class FocalPoint:
    """What `ResizeFit.COVER` crops around.

    Parameters
    ----------
    x, y
        Across and down, each from 0 (left, top) to 1, in the picture as it is before the resize.
    """

    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class FocalPixel:
    """A `FocalPoint` in pixels of the picture as it is before the resize. It can lie outside of the picture."""

    x: float
    y: float


class Focus(StrEnum):
    """What `ResizeFit.COVER` crops around, found in the picture."""

    FACES = "faces"
    """The faces, else what attracts attention."""
    ATTENTION = "attention"
    """What attracts attention: strong edges, saturated colours and skin."""


@dataclass(frozen=True, kw_only=True)
class Gravity:
    """The part of an overhanging picture that stays. Default: the middle."""

    horizontal: Horizontal = Horizontal.CENTER
    vertical: Vertical = Vertical.MIDDLE


MIDDLE = Gravity()


@dataclass(frozen=True, kw_only=True)
class Resize:
    """Resize to a box.

    Parameters
    ----------
    width, height
        Pixels, or what `Auto` says. Default: what the aspect ratio gives. At least one is not that.
    fit
        Default: cover.
    enlarge
        Whether a smaller picture is enlarged. If not, a crop still has the aspect ratio of the box. Default: ``True``.
    adaptive
        Whether the box is turned when only one of the box and the picture is upright. Default: ``False``.
    keep
        What `ResizeFit.COVER` keeps. Default: the middle.
    background
        The padding of `ResizeFit.CONTAIN`. Default: black, as sharp's.
    """

    width: int | Auto = Auto.RATIO
    height: int | Auto = Auto.RATIO
    fit: ResizeFit = ResizeFit.COVER
    enlarge: bool = True
    adaptive: bool = False
    keep: Gravity | FocalPoint | FocalPixel | Focus = MIDDLE
    background: Color = BLACK


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Multiply both sides by a factor, above 0 and at most 10."""

    factor: float


@dataclass(frozen=True, kw_only=True)
class Flip:
    """Mirror the picture: left and right, top and bottom, or both."""

    horizontal: bool = False
    vertical: bool = False


@dataclass(frozen=True, kw_only=True)
class Rotate:
    """Turn the picture clockwise. Any angle but a multiple of 90 gives a larger picture with corners.

    Parameters
    ----------
    degrees
        -360 to 360.
    background
        Colour of the corners. Default: black.
    """

    degrees: float
    background: Color = BLACK


@dataclass(frozen=True, kw_only=True)
class Extend:
    """Add edges, in pixels. Default of each: 0, and black."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    background: Color = BLACK


@dataclass(frozen=True, kw_only=True)
class Pad:
    """Pad around the picture to the box of the last `Resize`: thumbor's ``fill``.

    Parameters
    ----------
    background
        ``None`` means the picture's average colour.
    """

    background: Color | None


@dataclass(frozen=True, kw_only=True)
class RoundCrop:
    """Make everything outside of an ellipse transparent.

    Parameters
    ----------
    x, y
        The centre in pixels. Default: the middle.
    x_radius, y_radius
        Pixels. Default: half of the shorter side.
    """

    x: int | None = None
    y: int | None = None
    x_radius: int | None = None
    y_radius: int | None = None
