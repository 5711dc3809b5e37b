"""libvips, with pyvips: one thread, and no cache of operations."""

import os
from collections.abc import Mapping, Sequence

from PIL import Image

# libvips reads this when it is loaded.
os.environ["VIPS_CONCURRENCY"] = "1"
import pyvips

# The engine blocks the loaders that it does not use, for all code of the process. Import it first, then allow all of
# them again, because the compared pyvips decodes WebP and AVIF with libvips.
import imagekit.decoding.libvips  # noqa: F401

pyvips.operation_block_set("VipsForeignLoad", False)  # noqa: FBT003 - the names of the arguments are not fixed
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


def without_scaling_on_load(data: bytes, *, width: int) -> pyvips.Image:
    """Decode at full size and resize, row by row."""
    image = pyvips.Image.new_from_buffer(data, "", access="sequential")
    return image.resize(width / image.width).copy_memory()


def cascade_files(
    data: bytes, *, widths: Sequence[int], quality: int = _QUALITY, options: Mapping[str, object] | None = None
) -> list[bytes]:
    """Write the cascade as JPEGs.

    Parameters
    ----------
    data, widths
        As for `cascade`.
    quality
        1 to 100. Default: 80.
    options
        More options of libvips' writer. Default: none.
    """
    return as_jpegs(cascade(data, widths=widths), quality=quality, options=options or {})


def as_jpegs(pictures: Sequence[pyvips.Image], *, quality: int, options: Mapping[str, object]) -> list[bytes]:
    """Write pictures as JPEGs, without metadata."""
    return [bytes(one.jpegsave_buffer(Q=quality, keep="none", **options)) for one in pictures]


def as_pillow(picture: pyvips.Image) -> Image.Image:
    """Convert a picture of one or three bands to Pillow."""
    mode = {1: "L", 3: "RGB"}[picture.bands]
    return Image.frombytes(mode, (picture.width, picture.height), bytes(picture.write_to_memory()))


def encode(picture: Image.Image, *, suffix: str, options: dict[str, int]) -> bytes:
    """Encode a picture of Pillow's in the format of a file name's suffix."""
    image = pyvips.Image.new_from_memory(picture.tobytes(), picture.width, picture.height, 3, "uchar")
    return bytes(image.write_to_buffer(suffix, **options))
