"""Sizes and places, computed without a pixel. Sides are rounded half to even, as sharp rounds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin

from imagekit.geometry import Box, Size
from safelight_contracts.delivery.overlays import Distance, Overlay, Place, Unit
from safelight_contracts.delivery.shaping import (
    Auto,
    CropToFaces,
    Extend,
    FocalPoint,
    Gravity,
    Horizontal,
    Resize,
    ResizeFit,
    Scale,
    Vertical,
)

# The part of an overhang that is cut on the left or at the top.
_CUT_BEFORE: dict[Horizontal | Vertical, int] = {
    Horizontal.LEFT: 0,
    Vertical.TOP: 0,
    Horizontal.CENTER: 1,
    Vertical.MIDDLE: 1,
    Horizontal.RIGHT: 2,
    Vertical.BOTTOM: 2,
}


@dataclass(frozen=True, kw_only=True)
class Area:
    """A rectangle of whole pixels. ``right`` and ``bottom`` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> Size:
        """Width and height. Not above 0 if nothing is in it."""
        return Size(width=self.right - self.left, height=self.bottom - self.top)


@dataclass(frozen=True, kw_only=True)
class Framing:
    """What a resize makes of a picture.

    Attributes
    ----------
    scaled
        The size to which the whole picture is scaled.
    kept
        The part of the scaled picture that stays.
    canvas
        The size of the result.
    left, top
        Where that part is on the canvas.
    """

    scaled: Size
    kept: Area
    canvas: Size
    left: int = 0
    top: int = 0


def whole(size: Size) -> Area:
    """Return the area of a whole picture."""
    return Area(left=0, top=0, right=size.width, bottom=size.height)


def box_of(resize: Resize, *, picture: Size) -> Size:
    """Return the box of a resize, with the sides that the request leaves open."""
    width = picture.width if resize.width is Auto.ORIGINAL else resize.width
    height = picture.height if resize.height is Auto.ORIGINAL else resize.height
    if width is Auto.RATIO and height is Auto.RATIO:
        return picture
    if not isinstance(width, int):
        height = _given(height)
        return Size(width=_pixels(picture.width * height / picture.height), height=height)
    if not isinstance(height, int):
        return Size(width=width, height=_pixels(picture.height * width / picture.width))
    # One is upright, and the other lies on its side.
    is_turned = resize.adaptive and (width - height) * (picture.width - picture.height) < 0
    return Size(width=height, height=width) if is_turned else Size(width=width, height=height)


def scaled_size(resize: Resize, *, picture: Size) -> Size:
    """Return the size to which a resize scales the whole picture, before anything is cut or padded."""
    box = box_of(resize, picture=picture)
    if resize.fit is ResizeFit.FILL:
        sides = [(box.width, picture.width), (box.height, picture.height)]
        width, height = (side if resize.enlarge else min(side, own) for side, own in sides)
        return Size(width=width, height=height)
    # Compare without a division, so that equal ratios are equal.
    is_width_larger = box.width * picture.height >= box.height * picture.width
    by_width = is_width_larger == (resize.fit in (ResizeFit.COVER, ResizeFit.OUTSIDE))
    if not resize.enlarge and (box.width > picture.width if by_width else box.height > picture.height):
        return picture
    if by_width:
        return Size(width=box.width, height=_pixels(picture.height * box.width / picture.width))
    return Size(width=_pixels(picture.width * box.height / picture.height), height=box.height)


def window_of(resize: Resize, *, picture: Size) -> Size:
    """Return the size of the part of the scaled picture that stays."""
    scaled = scaled_size(resize, picture=picture)
    if resize.fit is not ResizeFit.COVER:
        return scaled
    box = box_of(resize, picture=picture)
    # Without enlarging, the box shrinks until the picture covers it.
    shrink = max(1.0, box.width / scaled.width, box.height / scaled.height)
    return Size(
        width=min(scaled.width, _pixels(box.width / shrink)), height=min(scaled.height, _pixels(box.height / shrink))
    )


def frame(resize: Resize, *, picture: Size, keep: Gravity | FocalPoint) -> Framing:
    """Return what a resize makes of a picture.

    Parameters
    ----------
    resize
        Its ``keep`` is ignored.
    picture
        The size of the picture.
    keep
        Where the part is that a cover keeps.
    """
    scaled = scaled_size(resize, picture=picture)
    window = window_of(resize, picture=picture)
    if isinstance(keep, FocalPoint):
        left = _around(keep.x, side=scaled.width, length=window.width)
        top = _around(keep.y, side=scaled.height, length=window.height)
    else:
        left = cut_before(scaled.width - window.width, part=keep.horizontal)
        top = cut_before(scaled.height - window.height, part=keep.vertical)
    kept = Area(left=left, top=top, right=left + window.width, bottom=top + window.height)
    if resize.fit is not ResizeFit.CONTAIN:
        return Framing(scaled=scaled, kept=kept, canvas=window)
    canvas = at_least(box_of(resize, picture=picture), window)
    left, top = padding(window, canvas=canvas)
    return Framing(scaled=scaled, kept=kept, canvas=canvas, left=left, top=top)


def cut_before(overhang: int, *, part: Horizontal | Vertical) -> int:
    """Return how many pixels of an overhang are cut on the left or at the top. The middle is sharp's: rounded up."""
    return (overhang * _CUT_BEFORE[part] + 1) // 2 if overhang > 0 else 0


def padding(picture: Size, *, canvas: Size) -> tuple[int, int]:
    """Return how many pixels are left of and above a centred picture. An odd pixel is there, as imgproxy does it."""
    return (canvas.width - picture.width + 1) // 2, (canvas.height - picture.height + 1) // 2


def at_least(box: Size, picture: Size) -> Size:
    """Return the smallest size that holds both."""
    return Size(width=max(box.width, picture.width), height=max(box.height, picture.height))


def scaled_by(operation: Scale, *, picture: Size) -> Size:
    """Return the size of a picture after a `Scale`."""
    return Size(width=_pixels(picture.width * operation.factor), height=_pixels(picture.height * operation.factor))


def extended(operation: Extend, *, picture: Size) -> Size:
    """Return the size of a picture after an `Extend`."""
    return Size(
        width=operation.left + picture.width + operation.right, height=operation.top + picture.height + operation.bottom
    )


def size_turned(picture: Size, *, degrees: float) -> Size:
    """Return the size of a picture after it was turned by an angle."""
    angle = radians(degrees)
    across, down = abs(cos(angle)), abs(sin(angle))
    # Floating point adds less than a millionth of a pixel.
    return Size(
        width=ceil(picture.width * across + picture.height * down - 1e-6),
        height=ceil(picture.width * down + picture.height * across - 1e-6),
    )


def faces_point(resize: Resize, *, picture: Size, faces: Sequence[Box]) -> FocalPoint:
    """Return what a cover crops around to keep faces: all of them if they fit, else the largest.

    Parameters
    ----------
    faces
        At least one, in parts of the picture.
    """
    scaled, window = scaled_size(resize, picture=picture), window_of(resize, picture=picture)
    together = union(faces)
    fits = (together.right - together.left) * scaled.width <= window.width and (
        together.bottom - together.top
    ) * scaled.height <= window.height
    chosen = together if fits else max(faces, key=_area)
    return FocalPoint(x=(chosen.left + chosen.right) / 2, y=(chosen.top + chosen.bottom) / 2)


def crop_to_faces(operation: CropToFaces, *, picture: Size, faces: Sequence[Box]) -> Area:
    """Return the part of a picture that shows faces. The whole if there is no such face."""
    largest_first = sorted(faces, key=_area, reverse=True)
    if operation.index is None:
        chosen = largest_first
    else:
        chosen = largest_first[operation.index : operation.index + 1] if operation.index >= 0 else []
    if not chosen:
        return whole(picture)
    box, pad = union(chosen), operation.padding
    left, right = (round(edge * picture.width) for edge in (box.left, box.right))
    top, bottom = (round(edge * picture.height) for edge in (box.top, box.bottom))
    part = within(Area(left=left - pad, top=top - pad, right=right + pad, bottom=bottom + pad), picture=picture)
    return part if min(part.size.width, part.size.height) > 0 else whole(picture)


def within(area: Area, *, picture: Size) -> Area:
    """Return the part of an area that is in the picture."""
    return Area(
        left=max(0, area.left),
        top=max(0, area.top),
        right=min(picture.width, area.right),
        bottom=min(picture.height, area.bottom),
    )


def union(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes, of which there is at least one."""
    return Box(
        left=min(box.left for box in boxes),
        top=min(box.top for box in boxes),
        right=max(box.right for box in boxes),
        bottom=max(box.bottom for box in boxes),
    )


def seen_in(boxes: Sequence[Box], *, area: Area, picture: Size) -> tuple[Box, ...]:
    """Return boxes of a picture as they are in an area of it. What is beyond the area is cut, or left out.

    Parameters
    ----------
    area
        May reach beyond the picture, as that of an extended picture does.
    picture
        The size of the picture.
    """
    moved = (
        Box(
            left=(box.left * picture.width - area.left) / area.size.width,
            top=(box.top * picture.height - area.top) / area.size.height,
            right=(box.right * picture.width - area.left) / area.size.width,
            bottom=(box.bottom * picture.height - area.top) / area.size.height,
        ).cut()
        for box in boxes
    )
    return tuple(box for box in moved if _area(box) > 0)


def overlay_size(overlay: Overlay, *, image: Size, picture: Size) -> Size:
    """Return the size of an overlay on a picture: at most the picture's.

    Parameters
    ----------
    image
        The overlay's own size.
    picture
        The size of the picture.
    """
    ratios = [1.0 if one is None else one / 100 for one in (overlay.width_ratio, overlay.height_ratio)]
    most = [ratio * side for ratio, side in zip(ratios, (picture.width, picture.height), strict=True)]
    scale = min(most[0] / image.width, most[1] / image.height)
    if overlay.width_ratio is None and overlay.height_ratio is None:
        scale = min(1.0, scale)
    return Size(width=_pixels(image.width * scale), height=_pixels(image.height * scale))


def place_of(at: Distance | Place, *, length: int, side: int) -> int:
    """Return where an overlay begins along a side of the picture. One that is repeated begins at 0."""
    if at is Place.REPEAT:
        return 0
    if not isinstance(at, Distance):
        return (side - length) // 2
    pixels = round(at.value * side / 100 if at.unit is Unit.PERCENT else at.value)
    return side - length - pixels if at.from_end else pixels


def _around(place: float, *, side: int, length: int) -> int:
    return min(max(0, round(place * side - length / 2)), side - length)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _given(side: int | Auto) -> int:
    assert isinstance(side, int)  # noqa: S101 - `box_of` has handled the others
    return side


def _pixels(length: float) -> int:
    return max(1, round(length))
