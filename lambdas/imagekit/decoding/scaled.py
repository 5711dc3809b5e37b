"""Decode an image at a smaller size than it has, which takes a fraction of the time.

Only for pictures that no check sees: a file can be made whose small picture shows something else than its large one
(docs/explanation/pixel-engine.md). What has checks is decoded by `imagekit.decoding.decode`.
"""

from collections.abc import Mapping
from math import ceil

import pyvips

from imagekit.decoding.decode import Decoded, decode, rejecting_failures
from imagekit.decoding.libvips import load
from imagekit.decoding.srgb_conversion import in_srgb
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Size
from imagekit.rejection import unreadable
from safelight_contracts.image_types import ImageType

# libvips has one more loader in a process that imports this module.
pyvips.operation_block_set("VipsForeignLoadWebp", False)  # noqa: FBT003 - the names of the arguments are not fixed

_LOADERS = {ImageType.JPEG: "jpegload", ImageType.WEBP: "webpload"}
# libjpeg decodes blocks of 8 pixels a side to 4, 2 or 1.
_SHRINKS = (8, 4, 2)


def decode_scaled(data: bytes, *, header: Header, at_least: Size) -> Decoded:
    """Open the first frame of an image, a JPEG or an opaque WebP at a smaller size if it is large enough.

    `header`: the result of `imagekit.decoding.limits.inspect`.
    `at_least`: the size, as displayed, that is needed.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt, `UNSUPPORTED_TYPE` if the decoder of
    the type is not installed.
    """
    needed = at_least.transposed() if header.swaps_sides else at_least
    shrink = min(header.coded.width / needed.width, header.coded.height / needed.height)
    scaling = _scaling(header, shrink=shrink)
    if scaling is None:
        return decode(data, header=header)
    found = FORMATS[header.type]
    with rejecting_failures(header.type):
        for check in found.checks:
            check(data)
        image = load(found.repair(data), loader=_LOADERS[header.type], scaling=scaling)
        if header.type is ImageType.WEBP and image.hasalpha():
            # libwebp would add the colours of transparent pixels to their neighbours.
            return decode(data, header=header)
        _check_size(image, coded=header.coded, scaling=scaling)
        pixels = in_srgb(image, encoding=header.color_encoding)
    return Decoded(pixels=pixels, orientation=header.orientation, image_type=header.type)


def _scaling(header: Header, *, shrink: float) -> Mapping[str, float] | None:
    if header.type is ImageType.JPEG:
        # As sharp does: a whole number of pixels for one is left to the resize, which is better at it than libjpeg.
        possible = [one for one in _SHRINKS if shrink >= one]
        factor = possible[0] if possible else 1
        if int(shrink) == factor:
            factor //= 2
        return {"shrink": factor} if factor > 1 else None
    if header.type is ImageType.WEBP and header.frames == 1 and shrink > 1:
        return {"scale": 1 / shrink}
    return None


def _check_size(image: pyvips.Image, *, coded: Size, scaling: Mapping[str, float]) -> None:
    factor = scaling["scale"] if "scale" in scaling else 1 / scaling["shrink"]
    for side, whole in ((image.width, coded.width), (image.height, coded.height)):
        # A block that is not full may or may not count.
        if not int(whole * factor) - 1 <= side <= ceil(whole * factor) + 1:
            raise unreadable("header and image data disagree on the size")
