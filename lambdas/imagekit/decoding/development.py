"""Developing camera raw files with LibRaw, by the package rawpy.

Which picture is shown depends on the file and the `Development` alone and never on the size that is asked for: a check
must have seen what is published, and a preview may show anything.
"""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, Any

from imagekit.decoding.limits import MAX_DECODING_BYTES, RAW_FULL_BYTES_A_PIXEL
from imagekit.decoding.unpacking import unpack
from imagekit.formats.image_type import ImageType
from imagekit.formats.jpeg_scans import check_scans
from imagekit.formats.sensor_data import check_sensor_data
from imagekit.geometry import Size
from imagekit.rejection import ImageFault, ImageRejected, unreadable

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
_BRIGHTNESS = (0.1, 10.0)


LARGE_ENOUGH = 1920
"""Pixels of the longer side up from which half the size will do: as many as the image has that checks look at."""


class Method(StrEnum):
    """How a camera raw file is shown."""

    PREVIEW = "preview"
    """By the camera's own preview where it has the full size; else as HALF."""

    HALF = "half"
    """By what the sensor saw, four of its pixels making one. In full where half of the longer side has fewer than 1,920
    pixels. Whoever shows the file shows it at this size: a rendition that wants more is enlarged from it."""

    FULL = "full"
    """By what the sensor saw, each pixel's missing colours interpolated (AHD). Several times slower than HALF."""


class WhiteBalance(StrEnum):
    """What is taken for white when the sensor's data is developed."""

    CAMERA = "camera"
    """What the camera took for white as it was used. Of a file that does not say, as GREY_WORLD."""

    DAYLIGHT = "daylight"
    """What daylight is to this camera, by its colour matrix."""

    GREY_WORLD = "grey world"
    """The average of the picture."""


class Highlights(StrEnum):
    """What becomes of pixels in which a colour is brighter than the sensor can tell."""

    CLIP = "clip"
    """White."""

    BLEND = "blend"
    """Between white and what the other colours say."""

    RECONSTRUCT = "reconstruct"
    """Coloured as what is around them. Slowest."""


@dataclass(frozen=True, kw_only=True)
class Development:
    """How camera raw is developed. A preview that is shown is as the camera made it, whatever else stands here.

    Attributes
    ----------
    method
        What is shown: the camera's preview, if it has the full size, when left out.
    white_balance
        What is taken for white: the camera's when left out.
    brightness
        A factor on the light, 0.1 to 10: at 1, what saturates the sensor is white. Left out, the picture is made as
        bright as turns 1 % of its pixels white.
    highlights
        What becomes of what is too bright: clipped when left out.

    Raises
    ------
    ValueError
        When the brightness is out of range.
    """

    method: Method = Method.PREVIEW
    white_balance: WhiteBalance = WhiteBalance.CAMERA
    brightness: float | None = None
    highlights: Highlights = Highlights.CLIP

    def __post_init__(self) -> None:
        least, most = _BRIGHTNESS
        if self.brightness is not None and not least <= self.brightness <= most:
            raise ValueError(f"brightness is {self.brightness}: {least} to {most} are possible")


AS_SHOT = Development()
"""How camera raw is developed where nothing else is said."""


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
        `IMAGE_TOO_LARGE` when it would take more memory than there is and cannot be, or by `Method.FULL` may not be,
        halved. LibRaw's own errors for what it cannot read.
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
        preview = _preview(raw, size=size) if development.method is Method.PREVIEW else None
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


def _half_size(raw: "rawpy.RawPy", *, stored: Size, method: Method) -> bool:
    max_pixels = MAX_DECODING_BYTES // RAW_FULL_BYTES_A_PIXEL
    if stored.width * stored.height > max_pixels:
        if method is Method.FULL or not _can_be_halved(raw):
            detail = {"width": stored.width, "height": stored.height, "maxPixels": max_pixels}
            raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail | {"type": str(ImageType.RAW)})
        return True
    return method is not Method.FULL and max(raw.sizes.width, raw.sizes.height) // 2 >= LARGE_ENOUGH


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
