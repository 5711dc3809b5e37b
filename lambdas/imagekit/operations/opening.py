"""Decode an image into an upright picture of 8 bits in sRGB, at its full size or smaller."""

from dataclasses import replace

import pyvips

from imagekit.decoding.decode import Decoded, decode
from imagekit.decoding.scaled import decode_scaled
from imagekit.decoding.upright import upright
from imagekit.geometry import Size
from imagekit.operations.delivered import EncodedImage
from imagekit.operations.workpiece import as_srgb
from imagekit.rendering.scaling import scale


def open_whole(source: EncodedImage) -> pyvips.Image:
    """Decode the first frame at full size.

    Raises
    ------
    ImageRejected
        ``UNREADABLE_IMAGE`` if the bytes are truncated or corrupt.
    """
    decoded = decode(source.data, header=source.header)
    pixels = decoded.compute(in_color(decoded.pixels))
    return upright(pixels, orientation=decoded.orientation)


def open_smaller(source: EncodedImage, *, size: Size, is_checked: bool) -> pyvips.Image:
    """Decode the first frame, and scale it while it is decoded. It is never in memory at full size.

    Parameters
    ----------
    source
        The file.
    size
        As displayed, with at most as many pixels as the image.
    is_checked
        Whether a check sees another picture of the file. All pixels are decoded then, so that both show the same.

    Raises
    ------
    ImageRejected
        As for `open_whole`.
    """
    opened = opened_smaller(source, size=size, is_checked=is_checked)
    # Rotate the result rather than the input: it has fewer pixels, and the rows of the input come in their order.
    return upright(opened.compute(opened.pixels), orientation=opened.orientation)


def opened_smaller(source: EncodedImage, *, size: Size, is_checked: bool) -> Decoded:
    """Open the first frame, to be scaled while it is decoded. Its pixels are not computed yet.

    Parameters as for `open_smaller`.

    Raises
    ------
    ImageRejected
        As for `open_whole`.
    """
    if is_checked:
        decoded = decode(source.data, header=source.header)
    else:
        decoded = decode_scaled(source.data, header=source.header, at_least=size)
    stored = size.transposed() if decoded.orientation >= 5 else size
    return replace(decoded, pixels=in_color(scale(decoded.pixels, size=stored)))


def in_color(image: pyvips.Image) -> pyvips.Image:
    """Convert grey to sRGB. Transparency stays."""
    return as_srgb(image.colourspace("srgb")) if image.bands < 3 else as_srgb(image)
