"""Developing camera raw files with LibRaw, by the package rawpy.

Which picture is shown depends on the file alone and never on the size that is asked for: a check must have seen what is
published, and a preview may show anything.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from imagekit.geometry import Size
from imagekit.rejection import unreadable

if TYPE_CHECKING:
    import rawpy

# What cameras store beside the picture: masked pixels around it, and sides rounded up. More would get past the limit on
# pixels.
_MAX_EXCESS = 1.25
_MAX_EXCESS_PIXELS = 64
# Previews of the full size differ from the raw data by a narrow border.
_FULL_SIZE = 0.95
_SAME_SHAPE = 0.02


def develop(data: bytes, *, size: Size, at_least: Size) -> Image.Image:
    """Show a camera raw file: by the camera's own preview where that has the full size, else by what the sensor saw.

    Parameters
    ----------
    data
        The whole file.
    size
        The size that its header gives, as stored.
    at_least
        The smallest size, as stored, that is of use. The sensor's data is developed at half size where that gives it.

    Returns
    -------
    Image.Image
        As stored, not turned for display; the colour profile of a preview in its `info`.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the size is not that of the header. LibRaw's own errors for what it cannot read.
    ModuleNotFoundError
        When rawpy is not installed.
    """
    import rawpy

    with rawpy.imread(BytesIO(data)) as raw:
        stored = Size(width=raw.sizes.raw_width, height=raw.sizes.raw_height)
        if stored.width > _most(size.width) or stored.height > _most(size.height):
            raise unreadable("header and image data disagree on the size")
        preview = _preview(raw, size=size, at_least=at_least)
        if preview is not None:
            return preview
        shown = Size(width=raw.sizes.width, height=raw.sizes.height)
        half_will_do = at_least.width <= shown.width // 2 and at_least.height <= shown.height // 2
        # LibRaw must not turn it: other types are turned after resizing, and so is this.
        pixels = raw.postprocess(half_size=half_will_do, use_camera_wb=True, user_flip=0)
    image = Image.fromarray(pixels)
    if not _has_shape(image.size, size=size):
        raise unreadable("header and image data disagree on the size")
    return image


def _most(side: int) -> float:
    return side * _MAX_EXCESS + _MAX_EXCESS_PIXELS


def _preview(raw: "rawpy.RawPy", *, size: Size, at_least: Size) -> Image.Image | None:
    import rawpy

    try:
        preview = raw.extract_thumb().data
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    if not isinstance(preview, bytes):
        # A bitmap, which is a small one.
        return None
    image = Image.open(BytesIO(preview), formats=["JPEG"])
    if not _has_shape(image.size, size=size) or not _FULL_SIZE * size.width <= image.width <= _most(size.width):
        return None
    image.draft(None, (at_least.width, at_least.height))
    image.load()
    return image


def _has_shape(sides: tuple[int, int], *, size: Size) -> bool:
    width, height = sides
    return abs(width * size.height - height * size.width) <= _SAME_SHAPE * width * size.height
