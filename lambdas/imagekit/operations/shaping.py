"""Operations that change a picture's sides. Each follows the faces."""

from dataclasses import replace
from math import cos, radians, sin

import pyvips

from imagekit.geometry import Box, Size
from imagekit.operations import geometry
from imagekit.operations.bounds import check_growth, check_scaled
from imagekit.operations.geometry import Area
from imagekit.operations.workpiece import Workpiece, blended, on_canvas, size_of, values_of, with_alpha
from imagekit.rendering.scaling import scale
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import (
    MIDDLE,
    Corner,
    Crop,
    CropToFaces,
    Extend,
    Flip,
    FocalPixel,
    FocalPoint,
    Focus,
    Gravity,
    Pad,
    Resize,
    Rotate,
    Scale,
    Trim,
)

_QUARTER = 90
# A smaller part of a degree moves no pixel. Without rounding, the remainder of -1e-20 degrees would be 360.
_DIGITS = 6
_ROTATIONS = {90: "d90", 180: "d180", 270: "d270"}


def trim(piece: Workpiece, operation: Trim) -> Workpiece:
    """Remove edges whose pixels all have the corner's colour. A picture of one colour stays."""
    image = piece.image
    right, bottom = image.width - 1, image.height - 1
    # What is clear has no colour, whatever its channels say.
    seen = image.premultiply() if image.hasalpha() else image
    corner = seen(0, 0) if operation.corner is Corner.TOP_LEFT else seen(right, bottom)
    differs = ((seen - corner).abs() > operation.tolerance).bandor()
    left, top, width, height = differs.find_trim(background=0, threshold=0, line_art=True)
    if width == 0 or height == 0:
        return piece
    return _cut(piece, area=Area(left=left, top=top, right=left + width, bottom=top + height))


def crop(piece: Workpiece, operation: Crop) -> Workpiece:
    """Keep a rectangle.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if nothing of the rectangle is in the picture.
    """
    asked = Area(left=operation.left, top=operation.top, right=operation.right, bottom=operation.bottom)
    area = geometry.within(asked, picture=piece.size)
    if min(area.size.width, area.size.height) < 1:
        raise RequestRefusedError(
            Refusal.BAD_PARAMETER,
            f"The crop is outside of the picture, which has {piece.size.width} x {piece.size.height} pixels.",
            parameter="crop",
        )
    return _cut(piece, area=area)


def crop_to_faces(piece: Workpiece, operation: CropToFaces) -> Workpiece:
    """Crop to one face or to all of them."""
    return _cut(piece, area=geometry.crop_to_faces(operation, picture=piece.size, faces=piece.faces))


def resize(piece: Workpiece, operation: Resize) -> Workpiece:
    """Scale the picture, then cut or pad it.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if the result is too large.
    """
    before = piece.size
    check_growth(geometry.window_of(operation, picture=before), before=before)
    scaled = geometry.scaled_size(operation, picture=before)
    check_scaled(scaled)
    keep = what_to_keep(piece, operation, picture=before)
    return framed(piece.with_image(scale(piece.image, size=scaled)), operation, picture=before, keep=keep)


def what_to_keep(piece: Workpiece, operation: Resize, *, picture: Size) -> Gravity | FocalPoint:
    """Return where the part is that a cover keeps. What attracts attention is looked for here.

    Parameters
    ----------
    piece
        The picture in memory, which may be scaled already.
    operation
        The resize.
    picture
        The size of the picture before the resize.
    """
    keep = operation.keep
    if isinstance(keep, FocalPixel):
        return FocalPoint(x=keep.x / picture.width, y=keep.y / picture.height)
    if not isinstance(keep, Focus):
        return keep
    scaled, window = geometry.scaled_size(operation, picture=picture), geometry.window_of(operation, picture=picture)
    if window == scaled:
        return MIDDLE
    if keep is Focus.FACES and piece.faces:
        return geometry.faces_point(operation, picture=picture, faces=piece.faces)
    return _attention(piece.image, across=window.width / scaled.width, down=window.height / scaled.height)


def framed(piece: Workpiece, operation: Resize, *, picture: Size, keep: Gravity | FocalPoint) -> Workpiece:
    """Cut and pad a picture that has been scaled for a resize.

    Parameters
    ----------
    picture
        The size of the picture before the resize.
    keep
        The result of `what_to_keep`.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if the result is too large.
    """
    framing = geometry.frame(operation, picture=picture, keep=keep)
    placed = _placed(
        _cut(piece, area=framing.kept),
        canvas=framing.canvas,
        left=framing.left,
        top=framing.top,
        background=operation.background,
    )
    return replace(placed, box=geometry.box_of(operation, picture=picture))


def _attention(image: pyvips.Image, *, across: float, down: float) -> FocalPoint:
    """Find what attracts attention in a window of these parts of the sides."""
    width, height = max(1, round(across * image.width)), max(1, round(down * image.height))
    _, found = image.smartcrop(width, height, interesting="attention", attention_x=True, attention_y=True)
    return FocalPoint(x=found["attention_x"] / image.width, y=found["attention_y"] / image.height)


def scale_by(piece: Workpiece, operation: Scale) -> Workpiece:
    """Multiply both sides."""
    size = geometry.scaled_by(operation, picture=piece.size)
    check_growth(size, before=piece.size)
    return piece.with_image(scale(piece.image, size=size))


def flip(piece: Workpiece, operation: Flip) -> Workpiece:
    """Mirror the picture."""
    image, faces = piece.image, piece.faces
    if operation.horizontal:
        image = image.fliphor()
        faces = tuple(replace(face, left=1 - face.right, right=1 - face.left) for face in faces)
    if operation.vertical:
        image = image.flipver()
        faces = tuple(replace(face, top=1 - face.bottom, bottom=1 - face.top) for face in faces)
    return replace(piece, image=image, faces=faces)


def rotate(piece: Workpiece, operation: Rotate) -> Workpiece:
    """Turn the picture. A multiple of 90 degrees moves pixels and changes none."""
    degrees = round(operation.degrees, _DIGITS) % 360
    if degrees == 0:
        return piece
    faces = tuple(_turned(face, degrees=degrees, picture=piece.size) for face in piece.faces)
    if degrees % _QUARTER == 0:
        return replace(piece, image=piece.image.rot(_ROTATIONS[int(degrees)]), faces=faces)
    check_growth(geometry.size_turned(piece.size, degrees=degrees), before=piece.size)
    image = piece.image if operation.background.alpha == 255 else with_alpha(piece.image)
    ground = values_of(operation.background, bands=image.bands)
    if image.bands > 3:
        # The picture is premultiplied when its corners are filled.
        ground = [channel * ground[3] // 255 for channel in ground[:3]] + ground[3:]
    turned = blended(image, lambda pixels: pixels.rotate(degrees, background=ground))
    return replace(piece, image=turned, faces=faces)


def extend(piece: Workpiece, operation: Extend) -> Workpiece:
    """Add edges.

    Raises
    ------
    RequestRefusedError
        ``BAD_PARAMETER`` if the result is too large.
    """
    canvas = geometry.extended(operation, picture=piece.size)
    return _placed(piece, canvas=canvas, left=operation.left, top=operation.top, background=operation.background)


def pad(piece: Workpiece, operation: Pad) -> Workpiece:
    """Pad to the box of the last resize. Without a resize, the picture stays."""
    if piece.box is None:
        return piece
    canvas = geometry.at_least(piece.box, piece.size)
    left, top = geometry.padding(piece.size, canvas=canvas)
    background = operation.background or _average(piece.image)
    return _placed(piece, canvas=canvas, left=left, top=top, background=background)


def _average(image: pyvips.Image) -> Color:
    """Return the average colour of what can be seen."""
    values = [image[band].avg() for band in range(3)]
    if image.bands > 3 and image[3].avg() > 0:
        weighted = image.premultiply()
        values = [weighted[band].avg() * 255 / image[3].avg() for band in range(3)]
    red, green, blue = (min(255, round(value)) for value in values)
    return Color(red=red, green=green, blue=blue)


def _cut(piece: Workpiece, *, area: Area) -> Workpiece:
    size = size_of(piece.image)
    if geometry.whole(size) == area:
        return piece
    image = piece.image.crop(area.left, area.top, area.size.width, area.size.height)
    return replace(piece, image=image, faces=geometry.seen_in(piece.faces, area=area, picture=size))


def _placed(piece: Workpiece, *, canvas: Size, left: int, top: int, background: Color) -> Workpiece:
    size = size_of(piece.image)
    if canvas == size:
        return piece
    check_growth(canvas, before=size)
    area = Area(left=-left, top=-top, right=canvas.width - left, bottom=canvas.height - top)
    return replace(
        piece,
        image=on_canvas(piece.image, canvas=canvas, left=left, top=top, background=background),
        faces=geometry.seen_in(piece.faces, area=area, picture=size),
    )


def _turned(face: Box, *, degrees: float, picture: Size) -> Box:
    """Return the box around a box that is turned with its picture."""
    angle = radians(degrees)
    turned = geometry.size_turned(picture, degrees=degrees)
    corners = [(x, y) for x in (face.left, face.right) for y in (face.top, face.bottom)]
    places = [
        (
            0.5 + (x * cos(angle) - y * sin(angle)) / turned.width,
            0.5 + (x * sin(angle) + y * cos(angle)) / turned.height,
        )
        for x, y in (((x - 0.5) * picture.width, (y - 0.5) * picture.height) for x, y in corners)
    ]
    return Box(
        left=min(x for x, _ in places),
        top=min(y for _, y in places),
        right=max(x for x, _ in places),
        bottom=max(y for _, y in places),
    ).cut()
