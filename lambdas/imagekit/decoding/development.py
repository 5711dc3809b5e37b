"""Develop camera raw files with LibRaw, through the package rawpy.

The file and the `Development` alone decide which picture is shown. The requested size never does, because a check must
have seen what is published, and a preview may show anything.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from imagekit.decoding.limits import MAX_DECODING_BYTES
from imagekit.decoding.unpacking import unpack
from imagekit.formats.jpeg_scans import validate_scans
from imagekit.formats.raw import FULL_BYTES_A_PIXEL
from imagekit.formats.sensor_data import validate_sensor_data
from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from safelight_contracts.development import (
    DEFAULT_DEVELOPMENT,
    Development,
    DevelopmentMethod,
    Highlights,
    WhiteBalance,
)
from safelight_contracts.image_types import ImageType

if TYPE_CHECKING:
    import rawpy
    from PIL import Image

# Cameras store more than the image: masked pixels around it, and sides that are rounded up. A larger excess would get
# past the limit on pixels.
_MAX_EXCESS = 1.25
_MAX_EXCESS_PIXELS = 64
# A full-size preview differs from the raw data by a narrow border.
_FULL_SIZE = 0.95
_SAME_SHAPE = 0.02
# The transfer function of sRGB (IEC 61966-2-1). LibRaw's default is that of television.
_SRGB_GAMMA = (2.4, 12.92)
# The maximum measured for a progressive JPEG, rounded up.
_PREVIEW_BYTES_A_PIXEL = 11


LARGE_ENOUGH = 1920
"""If the longer side has at least this many pixels at half size, half size is enough.

It is the maximum length of the longer side of the image that checks examine.
"""


def develop(data: bytes, *, size: Size, development: Development = DEFAULT_DEVELOPMENT) -> "Image.Image":
    """Render a camera raw file: either the camera's own preview, or the developed sensor data.

    Sensor data is developed with the colour matrix in the file. If the file has none, LibRaw's matrix for the camera is
    used.

    `development`: how to develop the file. Sensor data is developed at half size if that is large enough, or if
    developing all of it would take more memory than there is. Data that has only one colour, or already all colours in
    each pixel, is not halved. Default: `DEFAULT_DEVELOPMENT`.

    Result: as stored, not rotated for display. Grey if the sensor sees no colours. For a preview, its `info` has the
    colour profile as `icc_profile`. For developed data, its `info` has the `WhiteBalance` that was used as
    `white_balance`. Without a profile it is in sRGB. Raises ImageRejected: `UNREADABLE_IMAGE` if the file does not
    contain all of the sensor's data, even if the preview is shown; if the size differs from the header's; or if the
    preview has too many scans or not all of its data. `IMAGE_TOO_LARGE` if developing would take more memory than there
    is and the data cannot be halved, or `DevelopmentMethod.FULL` forbids it. LibRaw raises its own errors for what it
    cannot read. Raises ModuleNotFoundError if rawpy is not installed.
    """
    # Not imported at the top, because steps that have neither package read the settings too.
    import rawpy
    from PIL import Image

    validate_sensor_data(data)
    with rawpy.imread(BytesIO(data)) as raw:
        # Only the header has been read so far, so the checks below run before memory is used.
        stored = Size(width=raw.sizes.raw_width, height=raw.sizes.raw_height)
        if stored.width > _most(size.width) or stored.height > _most(size.height):
            raise unreadable("header and image data disagree on the size")
        preview = _preview(raw, size=size) if development.method is DevelopmentMethod.PREVIEW else None
        if preview is not None:
            return preview
        unpack(raw, data=data)
        half_size = _half_size(raw, stored=stored, method=development.method)
        white_balance = _white_balance(raw, wanted=development.white_balance)
        # LibRaw must not rotate the image: it is rotated after resizing, like all other types.
        pixels = raw.postprocess(
            half_size=half_size,
            use_camera_wb=white_balance is WhiteBalance.CAMERA,
            use_auto_wb=white_balance is WhiteBalance.GREY_WORLD,
            highlight_mode=_highlight_mode(development.highlights),
            gamma=_SRGB_GAMMA,
            user_flip=0,
            **_brightness(development.brightness),
        )
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if not _has_shape(image.size, size=size):
        raise unreadable("header and image data disagree on the size")
    image.info["white_balance"] = white_balance
    return image


def _most(side: int) -> float:
    return side * _MAX_EXCESS + _MAX_EXCESS_PIXELS


def _half_size(raw: "rawpy.RawPy", *, stored: Size, method: DevelopmentMethod) -> bool:
    max_pixels = MAX_DECODING_BYTES // FULL_BYTES_A_PIXEL
    if stored.width * stored.height > max_pixels:
        if method is DevelopmentMethod.FULL or not _can_be_halved(raw):
            detail = {"width": stored.width, "height": stored.height, "maxPixels": max_pixels}
            raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail | {"type": str(ImageType.RAW)})
        return True
    return method is not DevelopmentMethod.FULL and max(raw.sizes.width, raw.sizes.height) // 2 >= LARGE_ENOUGH


def _can_be_halved(raw: "rawpy.RawPy") -> bool:
    # LibRaw does not halve the data of a sensor that sees only one colour, or of pixels that already have all colours.
    # It reports this only after the sensor's data is read, which takes half of the memory that it will take.
    try:
        pattern = raw.raw_pattern
    except NotImplementedError:
        return False
    return pattern is not None and pattern.size > 1


def _white_balance(raw: "rawpy.RawPy", *, wanted: WhiteBalance) -> WhiteBalance:
    # Otherwise LibRaw would take the sensor's colours as they are. Sensors see green best: the picture would be green.
    red, _, blue, *_ = raw.camera_whitebalance
    if wanted is WhiteBalance.CAMERA and not (red > 0 and blue > 0):
        return WhiteBalance.GREY_WORLD
    return wanted


def _highlight_mode(highlights: Highlights) -> "rawpy.HighlightMode":
    import rawpy

    return {
        Highlights.CLIP: rawpy.HighlightMode.Clip,
        Highlights.BLEND: rawpy.HighlightMode.Blend,
        Highlights.RECONSTRUCT: rawpy.HighlightMode.ReconstructDefault,
    }[highlights]


def _brightness(brightness: float | None) -> dict[str, Any]:
    if brightness is None:
        return {}
    # Otherwise LibRaw takes the brightest pixel for the sensor's limit if it is near that limit.
    return {"no_auto_bright": True, "bright": brightness, "adjust_maximum_thr": 0.0}


def _preview(raw: "rawpy.RawPy", *, size: Size) -> "Image.Image | None":
    import rawpy
    from PIL import Image

    try:
        preview = raw.extract_thumb().data
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    if not isinstance(preview, bytes):
        # A preview that is a bitmap is small.
        return None
    image = Image.open(BytesIO(preview), formats=["JPEG"])
    if not _has_shape(image.size, size=size) or not _FULL_SIZE * size.width <= image.width <= _most(size.width):
        return None
    if image.width * image.height > MAX_DECODING_BYTES // _PREVIEW_BYTES_A_PIXEL:
        return None
    validate_scans(preview)
    image.load()
    return image


def _has_shape(sides: tuple[int, int], *, size: Size) -> bool:
    width, height = sides
    return abs(width * size.height - height * size.width) <= _SAME_SHAPE * width * size.height
