"""Put an image on the picture."""

import pyvips

from imagekit.geometry import Size
from imagekit.operations import geometry
from imagekit.operations.delivered import EncodedImage
from imagekit.operations.opening import open_smaller, open_whole
from imagekit.operations.workpiece import Workpiece, as_srgb, colors_of, in_bytes, with_alpha
from imagekit.rejection import ImageRejected
from imagekit.rendering.scaling import scale
from safelight_contracts.delivery.overlays import Overlay, Place
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError


def lay(piece: Workpiece, operation: Overlay) -> Workpiece:
    """Put an image on the picture. What extends beyond the picture is cut. An opaque picture stays opaque.

    Raises
    ------
    RequestRefusedError
        ``DAMAGED`` if the image cannot be decoded.
    """
    size = piece.size
    mark = _mark(piece.overlays[operation], overlay=operation, picture=size)
    left = geometry.place_of(operation.x, length=mark.width, side=size.width)
    top = geometry.place_of(operation.y, length=mark.height, side=size.height)
    mark = _repeated(mark, overlay=operation, picture=size)
    laid = in_bytes(piece.image.composite2(mark, "over", x=left, y=top))
    return piece.with_image(as_srgb(laid if piece.image.bands > 3 else colors_of(laid)))


def _mark(file: EncodedImage, *, overlay: Overlay, picture: Size) -> pyvips.Image:
    own = Size(width=file.header.width, height=file.header.height)
    size = geometry.overlay_size(overlay, image=own, picture=picture)
    try:
        if size.width <= own.width and size.height <= own.height:
            image = open_smaller(file, size=size, is_checked=False)
        else:
            image = scale(open_whole(file), size=size)
    except ImageRejected as rejection:
        raise RequestRefusedError(
            Refusal.DAMAGED, "An image that is put on the picture cannot be decoded.", parameter="overlay"
        ) from rejection
    mark = with_alpha(image)
    alpha = mark[3] * overlay.opacity
    return as_srgb(colors_of(mark).bandjoin(in_bytes(alpha))).copy_memory()


def _repeated(mark: pyvips.Image, *, overlay: Overlay, picture: Size) -> pyvips.Image:
    across = -(-picture.width // mark.width) if overlay.x is Place.REPEAT else 1
    down = -(-picture.height // mark.height) if overlay.y is Place.REPEAT else 1
    if across == down == 1:
        return mark
    tiled = mark.replicate(across, down)
    cut: pyvips.Image = tiled.crop(0, 0, min(tiled.width, picture.width), min(tiled.height, picture.height))
    return cut
