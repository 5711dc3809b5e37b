"""Developing camera raw files with LibRaw, by the package rawpy.

Which picture is shown depends on the file and the `Development` alone and never on the size that is asked for: a check
must have seen what is published, and a preview may show anything.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from imagekit.decoding.limits import MAX_DECODING_BYTES, RAW_FULL_BYTES_A_PIXEL
from imagekit.decoding.unpacking import unpack
from imagekit.formats.jpeg_scans import check_scans
from imagekit.formats.sensor_data import check_sensor_data
from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from safelight_contracts.development import AS_SHOT, Development, DevelopmentMethod, Highlights, WhiteBalance
from safelight_contracts.image_types import ImageType

if TYPE_CHECKING:
    import rawpy
    from PIL import Image

# What cameras store beside the picture: masked pixels around it, and sides rounded up. More would get past the limit on
# pixels.
_MAX_EXCESS = 1.25
_MAX_EXCESS_PIXELS = 64
# Previews of the full size differ from the raw data by a narrow border.
_FULL_SIZE = 0.95
_SAME_SHAPE = 0.02
# What sRGB is coded with (IEC 61966-2-1). LibRaw's own is that of television.
_SRGB_GAMMA = (2.4, 12.92)
# The most that was measured of a progressive JPEG, rounded up.
_PREVIEW_BYTES_A_PIXEL = 9


LARGE_ENOUGH = 1920
"""Pixels of the longer side up from which half the size will do: as many as the image has that checks look at."""


def develop(data: bytes, *, size: Size, development: Development = AS_SHOT) -> "Image.Image":
    """Show a camera raw file: by the camera's own preview, or by what the sensor saw.

    What the sensor saw is developed with the colour matrix that the file has, or else that LibRaw has of the camera.

    Parameters
    ----------
    data
        The whole file.
    size
        The size that its header gives, as stored.
    development
        How it is done; `AS_SHOT` when left out. The sensor's data is developed at half size where that is large enough,
        and where all of it would take more memory than there is. What has one colour, or all colours, a pixel already
        is not halved.

    Returns
    -------
    Image.Image
        As stored, not turned for display; grey where the sensor sees no colours. Its `info` has the colour profile of
        a preview as `icc_profile`, and of what was developed the `WhiteBalance` that was used as `white_balance`;
        without a profile it is in sRGB.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the file does not hold all of the sensor's data, whatever is shown, when the size is
        not that of the header, or when the preview has too many scans or not all of its data;
        `IMAGE_TOO_LARGE` when it would take more memory than there is and cannot be, or by
        `DevelopmentMethod.FULL` may not be, halved. LibRaw's own errors for what it cannot read.
    ModuleNotFoundError
        When rawpy is not installed.
    """
    # Not above, as steps without either read the settings too.
    import rawpy
    from PIL import Image

    check_sensor_data(data)
    with rawpy.imread(BytesIO(data)) as raw:
        # Nothing but the header is read yet: what follows is known before memory is spent.
        stored = Size(width=raw.sizes.raw_width, height=raw.sizes.raw_height)
        if stored.width > _most(size.width) or stored.height > _most(size.height):
            raise unreadable("header and image data disagree on the size")
        preview = _preview(raw, size=size) if development.method is DevelopmentMethod.PREVIEW else None
        if preview is not None:
            return preview
        unpack(raw, data=data)
        half_size = _half_size(raw, stored=stored, method=development.method)
        white_balance = _white_balance(raw, wanted=development.white_balance)
        # LibRaw must not turn it: other types are turned after resizing, and so is this.
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
    max_pixels = MAX_DECODING_BYTES // RAW_FULL_BYTES_A_PIXEL
    if stored.width * stored.height > max_pixels:
        if method is DevelopmentMethod.FULL or not _can_be_halved(raw):
            detail = {"width": stored.width, "height": stored.height, "maxPixels": max_pixels}
            raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail | {"type": str(ImageType.RAW)})
        return True
    return method is not DevelopmentMethod.FULL and max(raw.sizes.width, raw.sizes.height) // 2 >= LARGE_ENOUGH


def _can_be_halved(raw: "rawpy.RawPy") -> bool:
    # A sensor that sees one colour alone, and pixels that have all colours already, LibRaw takes as they are. It tells
    # once the sensor's data is read, which is half of what it will take.
    try:
        pattern = raw.raw_pattern
    except NotImplementedError:
        return False
    return pattern is not None and pattern.size > 1


def _white_balance(raw: "rawpy.RawPy", *, wanted: WhiteBalance) -> WhiteBalance:
    # Without it LibRaw would take the sensor's colours as they are. Sensors see green best: the picture would be green.
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
    # LibRaw would take the brightest pixel for the sensor's limit where it is near it.
    return {"no_auto_bright": True, "bright": brightness, "adjust_maximum_thr": 0.0}


def _preview(raw: "rawpy.RawPy", *, size: Size) -> "Image.Image | None":
    import rawpy
    from PIL import Image

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
    if image.width * image.height > MAX_DECODING_BYTES // _PREVIEW_BYTES_A_PIXEL:
        return None
    check_scans(preview)
    image.load()
    return image


def _has_shape(sides: tuple[int, int], *, size: Size) -> bool:
    width, height = sides
    return abs(width * size.height - height * size.width) <= _SAME_SHAPE * width * size.height
