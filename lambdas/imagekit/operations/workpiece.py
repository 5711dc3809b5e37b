"""What an operation gets and returns, and how it treats transparency."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pyvips

from imagekit.geometry import Box, Size
from imagekit.operations.delivered import EncodedImage
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.overlays import Overlay

_OPAQUE = 255
_COLORS = 3


@dataclass(frozen=True, kw_only=True)
class Workpiece:
    """A picture between two operations.

    Attributes
    ----------
    image
        RGB or RGBA of 8 bits, in sRGB and upright.
    faces
        In parts of the picture. Default: none.
    box
        The box of the last resize. Default: there was none.
    overlays
        The images that the plan puts on the picture. Default: none.
    """

    image: pyvips.Image
    faces: tuple[Box, ...] = ()
    box: Size | None = None
    overlays: Mapping[Overlay, EncodedImage] = field(default_factory=dict)

    @property
    def size(self) -> Size:
        """The size of the picture."""
        return size_of(self.image)

    def with_image(self, image: pyvips.Image) -> "Workpiece":
        """Return the workpiece with another picture in which the faces are at the same places."""
        return replace(self, image=image)


def size_of(image: pyvips.Image) -> Size:
    """Return the size of an image."""
    return Size(width=image.width, height=image.height)


def colors_of(image: pyvips.Image) -> pyvips.Image:
    """Return the colours without the alpha channel."""
    if image.bands == _COLORS:
        return image
    colors: pyvips.Image = image[:_COLORS]
    return colors


def with_colors(image: pyvips.Image, colors: pyvips.Image) -> pyvips.Image:
    """Replace the colours of an image, and keep its alpha channel.

    Parameters
    ----------
    colors
        Three bands of any type, in sRGB from 0 to 255.
    """
    changed = in_bytes(colors)
    if image.bands > _COLORS:
        changed = changed.bandjoin(image[_COLORS])
    return as_srgb(changed)


def blended(image: pyvips.Image, mix: Callable[[pyvips.Image], pyvips.Image]) -> pyvips.Image:
    """Mix pixels so that a transparent pixel does not add its colour to its neighbours.

    Parameters
    ----------
    mix
        Gets the picture, premultiplied if it has an alpha channel, and returns one of as many bands.
    """
    if image.bands == _COLORS:
        return as_srgb(in_bytes(mix(image)))
    return as_srgb(in_bytes(mix(image.premultiply()).unpremultiply()))


def in_bytes(image: pyvips.Image) -> pyvips.Image:
    """Round values to 0 to 255."""
    if image.format == "uchar":
        return image
    rounded: pyvips.Image = image.rint().cast("uchar")
    return rounded


def as_srgb(image: pyvips.Image) -> pyvips.Image:
    """Say that the values are colours in sRGB."""
    named: pyvips.Image = image.copy(interpretation="srgb")
    return named


def on_canvas(image: pyvips.Image, *, canvas: Size, left: int, top: int, background: Color) -> pyvips.Image:
    """Put a picture on a canvas. Both get an alpha channel if the background is not opaque."""
    if background.alpha < _OPAQUE:
        image = with_alpha(image)
    placed: pyvips.Image = image.embed(
        left, top, canvas.width, canvas.height, extend="background", background=values_of(background, bands=image.bands)
    )
    return placed


def with_alpha(image: pyvips.Image, *, alpha: int = _OPAQUE) -> pyvips.Image:
    """Add an alpha channel if there is none.

    Parameters
    ----------
    alpha
        0 (clear) to 255. Default: opaque.
    """
    return image if image.bands > _COLORS else as_srgb(image.bandjoin(alpha))


def values_of(color: Color, *, bands: int) -> list[int]:
    """Return a colour as values of three or four bands."""
    return [color.red, color.green, color.blue, color.alpha][:bands]
