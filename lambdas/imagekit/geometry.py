"""Sizes: how a rendition fits its image. Whole pixels in and out, always as displayed."""

from dataclasses import dataclass

from safelight_contracts.renditions import Fit


@dataclass(frozen=True, kw_only=True)
class Size:
    """A width and a height in pixels."""

    width: int
    height: int

    def transposed(self) -> "Size":
        """Swap width and height."""
        return Size(width=self.height, height=self.width)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place in an image as displayed: 0 is its left or upper edge, 1 its right or lower one."""

    x: float
    y: float


CENTRE = Point(x=0.5, y=0.5)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A part of an image: its edges, each from 0 (the left or upper edge of the image) to 1."""

    left: float
    top: float
    right: float
    bottom: float

    def cut(self) -> "Box":
        """Return the box without what is beyond the edges of the image."""
        left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in (self.left, self.top, self.right, self.bottom))
        return Box(left=left, top=top, right=right, bottom=bottom)

    def as_stored(self, *, orientation: int) -> "Box":
        """Return the box in the stored pixels, for a box in the image as displayed.

        `orientation`: 1 to 8, as EXIF numbers them.
        """
        left, top, right, bottom = self.left, self.top, self.right, self.bottom
        if orientation in (5, 6, 7, 8):
            left, top, right, bottom = top, left, bottom, right
        if orientation in (2, 3, 7, 8):
            left, right = 1 - right, 1 - left
        if orientation in (3, 4, 6, 7):
            top, bottom = 1 - bottom, 1 - top
        return Box(left=left, top=top, right=right, bottom=bottom)


WHOLE = Box(left=0, top=0, right=1, bottom=1)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Which part of an image a rendition shows, and how large.

    `picture`: the size that the shown part is scaled to.
    `canvas`: the rendition's size: larger than the picture, which is centred, if it is padded.
    `needed`: the size of the whole image at which the shown part has just the picture's pixels, at most the image's own
    size.
    """

    picture: Size
    canvas: Size
    shown: Box
    needed: Size


def place(
    image: Size,
    *,
    fit: Fit,
    width: int,
    height: int | None = None,
    max_side: int,
    max_scale: float = 1.0,
    focal_point: Point = CENTRE,
) -> Placement:
    """Fit an image into a rendition's size.

    `fit`: whether to crop, to pad, to stretch, or to keep the aspect ratio.
    `width`, `height`: the rendition's size. Default: the height follows from the aspect ratio.
    `max_side`: the longest side that the rendition's format can hold.
    `max_scale`: the most pixels of the rendition for one pixel of the image, in each direction. Default: nothing is
    enlarged.
    `focal_point`: the point that `Fit.COVER` crops around, as far as the image's edges allow. Default: the image's
    centre.
    """
    if height is None:
        height, fit = max_side, Fit.INSIDE
    shown_width, shown_height = float(image.width), float(image.height)
    if fit is Fit.COVER:
        shown_width = min(shown_width, image.height * width / height)
        shown_height = min(shown_height, image.width * height / width)
    scales = [
        min(max_scale, side / shown, max_side / shown) for side, shown in ((width, shown_width), (height, shown_height))
    ]
    if fit is not Fit.FILL:
        scales = [min(scales)] * 2
    picture = Size(width=_pixels(shown_width * scales[0]), height=_pixels(shown_height * scales[1]))
    return Placement(
        picture=picture,
        canvas=Size(width=min(width, max_side), height=min(height, max_side)) if fit is Fit.CONTAIN else picture,
        shown=_around(focal_point, width=shown_width / image.width, height=shown_height / image.height),
        needed=Size(
            width=min(image.width, _pixels(picture.width * image.width / shown_width)),
            height=min(image.height, _pixels(picture.height * image.height / shown_height)),
        ),
    )


def _around(point: Point, *, width: float, height: float) -> Box:
    left = min(max(0.0, point.x - width / 2), 1 - width)
    top = min(max(0.0, point.y - height / 2), 1 - height)
    return Box(left=left, top=top, right=min(1.0, left + width), bottom=min(1.0, top + height))


def _pixels(length: float) -> int:
    return max(1, round(length))
