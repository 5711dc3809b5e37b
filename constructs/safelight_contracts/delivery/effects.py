"""Operations that change a picture's colours."""

from dataclasses import dataclass

from safelight_contracts.delivery.colors import Color


@dataclass(frozen=True, kw_only=True)
class Blur:
    """Blur with a Gaussian. ``sigma`` is in pixels, 0.3 to 100. ``None`` is sharp's fast mild box blur."""

    sigma: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sharpen:
    """Sharpen by an unsharp mask.

    Parameters
    ----------
    sigma
        Of the Gaussian mask, in pixels, 0.01 to 10. ``None`` is sharp's fast mild 3x3 kernel.
    flat, jagged
        Level of sharpening of flat and of jagged areas. Defaults: 1 and 2, as sharp's.
    """

    sigma: float | None = None
    flat: float = 1.0
    jagged: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Median:
    """Replace each pixel by the median of a square, 1 to 15 pixels a side."""

    size: int = 3


@dataclass(frozen=True, kw_only=True)
class Gamma:
    """Raise each value, of 1, to ``1 / value``: brighter above 1, darker below. From a third to 3."""

    value: float = 2.2


@dataclass(frozen=True, kw_only=True)
class Negate:
    """Invert colours.

    Parameters
    ----------
    alpha
        Whether the alpha channel is inverted too. Default: ``True``, as sharp's.
    """

    alpha: bool = True


@dataclass(frozen=True, kw_only=True)
class Normalize:
    """Stretch luminance to the full range. ``lower`` and ``upper``: percentiles that are clipped."""

    lower: float = 1.0
    upper: float = 99.0


@dataclass(frozen=True)
class Equalize:
    """Equalise the histogram of the luma."""


@dataclass(frozen=True, kw_only=True)
class Clahe:
    """Contrast-limited adaptive histogram equalisation in tiles of ``width`` x ``height`` pixels.

    Parameters
    ----------
    max_slope
        0 (no limit) to 100. Default: 3, as sharp's.
    """

    width: int
    height: int
    max_slope: int = 3


@dataclass(frozen=True, kw_only=True)
class Convolve:
    """Convolve with a kernel, row by row.

    Parameters
    ----------
    width, height
        Odd, 3 to 25.
    scale
        What each sum is divided by. Default: the sum of the kernel, or 1 if that is 0.
    offset
        Added after that. Default: 0.
    """

    width: int
    height: int
    kernel: tuple[float, ...]
    scale: float | None = None
    offset: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Make each value 255 if it is at least ``value``, and 0 otherwise."""

    value: int = 128
    grayscale: bool = True


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Compute ``factor * value + offset`` for each of the colour channels: one of each, or one a channel."""

    factors: tuple[float, ...] = (1.0,)
    offsets: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class Recomb:
    """Multiply the colour of each pixel by a 3x3 matrix, row by row."""

    matrix: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Modulate:
    """Change brightness and saturation by a factor, hue by degrees, and lightness by an amount."""

    brightness: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0
    lightness: float = 0.0


@dataclass(frozen=True)
class Tint:
    """Give the picture the hue of a colour, and keep its luminance."""

    color: Color


@dataclass(frozen=True)
class Grayscale:
    """Remove colours."""


@dataclass(frozen=True)
class Flatten:
    """Put the picture on a background, and remove its transparency."""

    background: Color


@dataclass(frozen=True)
class RemoveAlpha:
    """Remove the alpha channel, and show the colours as they are."""


@dataclass(frozen=True, kw_only=True)
class EnsureAlpha:
    """Add an alpha channel if there is none. ``alpha``: 0 (clear) to 1. Default: opaque."""

    alpha: float = 1.0


@dataclass(frozen=True, kw_only=True)
class BlurUnsafe:
    """Blur the finished picture if Rekognition finds content to moderate in it.

    Parameters
    ----------
    min_confidence
        Percent. Default: 75.
    sigma
        Of the blur, in pixels. Default: 50.
    labels
        The labels that count. Default: all.
    """

    min_confidence: float = 75.0
    sigma: float = 50.0
    labels: frozenset[str] = frozenset()
