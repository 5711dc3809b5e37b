"""libvips, with pyvips: one thread, and no cache of operations."""

import os
from collections.abc import Sequence

from PIL import Image

# libvips reads this when it is loaded.
os.environ["VIPS_CONCURRENCY"] = "1"
import pyvips

pyvips.cache_set_max(0)

# The maximum height of libvips' thumbnail, so that only the width counts.
_ANY_HEIGHT = 65_500
_QUALITY = 80


def read_header(data: bytes) -> object:
    """Open a file without decoding it."""
    return pyvips.Image.new_from_buffer(data, "")


def cascade(data: bytes, *, widths: Sequence[int]) -> list[pyvips.Image]:
    """Scale with libvips' thumbnail, which shrinks on load. Each picture is made from the previous one, in memory."""
    first, *others = widths
    pictures = [pyvips.Image.thumbnail_buffer(data, first, height=_ANY_HEIGHT).copy_memory()]
    for width in others:
        pictures.append(pictures[-1].thumbnail_image(width, height=_ANY_HEIGHT).copy_memory())
    return pictures


def cascade_files(data: bytes, *, widths: Sequence[int]) -> list[bytes]:
    """Write the cascade as JPEGs."""
    return [bytes(one.jpegsave_buffer(Q=_QUALITY, keep="none")) for one in cascade(data, widths=widths)]


def as_pillow(picture: pyvips.Image) -> Image.Image:
    """Convert a picture to Pillow."""
    return Image.frombytes("RGB", (picture.width, picture.height), bytes(picture.write_to_memory()))


def encode(picture: Image.Image, *, suffix: str, options: dict[str, int]) -> bytes:
    """Encode a picture of Pillow's in the format of a file name's suffix."""
    image = pyvips.Image.new_from_memory(picture.tobytes(), picture.width, picture.height, 3, "uchar")
    return bytes(image.write_to_buffer(suffix, **options))
