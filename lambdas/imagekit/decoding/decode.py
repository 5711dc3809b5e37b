"""Decode images: only the recognised types, no larger than needed, and into a mode that can be resized.

Pillow decodes most types itself. HEIC needs pi-heif, and RAW needs rawpy. They are imported only for a file of that
type. If one of them is not installed, its type is not supported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from imagekit.decoding.color import to_srgb, without_hidden_colors
from imagekit.decoding.development import develop
from imagekit.decoding.limits import validate_file_size, validate_header
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.inspection import count_frames, inspect_header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Size
from imagekit.metadata.orientation import UPRIGHT
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.source import BytesSource
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

# We check our own limit on pixels in the header. Pillow's limit would be a second one.
Image.MAX_IMAGE_PIXELS = None

_RESIZABLE_MODES = {"L", "RGB", "CMYK"}

_TO_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """A decoded image.

    `pixels`: in mode L, RGB or RGBA, in sRGB, at the image's full size. Camera raw may have half of the full size. The
    colours are converted before any scaling, because scaling and conversion do not commute: otherwise a picture could
    show one thing to a check, and another at a rendition's size.
    `orientation`: how to rotate the pixels for display. Call `turn_upright`, preferably after resizing.
    """

    pixels: Image.Image
    orientation: int


def inspect(data: bytes, *, limits: Limits) -> Header:
    """Read the header of an image in memory, count its frames, and check both against the limits.

    Returns the header, with the number of frames for every type. Counting stops at one frame more than the limit.
    Raises ImageRejected: for any fault of the image.
    """
    validate_file_size(len(data), limits=limits)
    header = inspect_header(BytesSource(data))
    validate_header(header, size=len(data), limits=limits)
    counted = replace(header, frames=count_frames(data, header=header, at_most=limits.max_frames + 1))
    validate_header(counted, size=len(data), limits=limits)
    return counted


def decode(data: bytes, *, header: Header, development: Development = DEFAULT_DEVELOPMENT) -> Decoded:
    """Decode the whole first frame of an image.

    Decoding never scales: a JPEG that libjpeg scales shows its DC coefficients, which may differ from what the pixels
    show. Camera raw has the size that follows from the file and its development.

    `header`: the result of `inspect`.
    `development`: how to develop camera raw. It does not affect other types. Default: `DEFAULT_DEVELOPMENT`.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt, `UNSUPPORTED_TYPE` if the decoder of
    the type is not installed.
    """
    found = FORMATS[header.type]
    turned = found.is_turned_when_loaded
    expected = Size(width=header.width, height=header.height)
    if header.swaps_sides and not turned:
        expected = expected.transposed()
    with rejecting_failures(header.type):
        if found.pillow_name is None:
            image = develop(data, size=expected, development=development)
        else:
            image = _open(data, found=found, expected=expected)
        return Decoded(
            pixels=in_srgb(image),
            orientation=UPRIGHT if turned else header.orientation,
        )


def _open(data: bytes, *, found: Format, expected: Size) -> Image.Image:
    found.prepare()
    for check in found.checks:
        check(data)
    image = Image.open(BytesIO(data), formats=[found.pillow_name or ""])
    _check_size(image, expected=expected)
    found.check_opened(image)
    # No decoder changes the size. libheif rejects a picture that is not coded at the size that its header gives.
    image.load()
    return image


def _check_size(image: Image.Image, *, expected: Size) -> None:
    if image.size != (expected.width, expected.height):
        raise unreadable("header and image data disagree on the size")


def in_srgb(image: Image.Image) -> Image.Image:
    """Convert a loaded image to sRGB by its own profile, in a mode that can be resized: L, RGB or RGBA.

    Pixels that are nearly invisible lose their colour, both for checks and for renditions.

    `image`: in any mode.
    """
    pixels, profile = resizable(image), _color_profile(image)
    # Grey without a profile stays grey: each value stands for three equal values in sRGB.
    converted = pixels if pixels.mode == "L" and profile is None else to_srgb(pixels, profile=profile)
    return without_hidden_colors(converted)


def _color_profile(image: Image.Image) -> bytes | None:
    # The profile of a TIFF has whatever type its tag names: text, a number, a fraction.
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else None


def turn_upright(image: Image.Image, *, orientation: int) -> Image.Image:
    """Rotate and flip pixels for display.

    `image`: the pixels.
    `orientation`: 1 to 8, as in EXIF.
    """
    return image if orientation == UPRIGHT else image.transpose(_TO_UPRIGHT[orientation])


def resizable(image: Image.Image) -> Image.Image:
    """Convert an image to a mode that can be resized: L, RGB, RGBA or CMYK.

    `image`: in any mode. It must be loaded.
    """
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode.startswith("I;16"):
        # Pillow supports 16 bits only for grey. Its own conversion to 8 bits clips instead of scaling.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("I", "F"):
        return _scaled_to_8_bits(image)
    if image.mode in _RESIZABLE_MODES:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _scaled_to_8_bits(image: Image.Image) -> Image.Image:
    extrema = image.getextrema()
    low, high = float(extrema[0]), float(extrema[1])  # type: ignore[arg-type]
    scale = 255 / (high - low) if high > low else 1.0
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")


@contextmanager
def rejecting_failures(image_type: ImageType) -> Iterator[None]:
    """Convert any exception of a decoder into a rejection of the image.

    Raises ImageRejected: `UNREADABLE_IMAGE`, or `UNSUPPORTED_TYPE` if the decoder of the type is not installed.
    """
    try:
        yield
    except (ImageRejected, MemoryError):
        raise
    except ModuleNotFoundError as error:
        raise ImageRejected(ImageFault.UNSUPPORTED_TYPE, detail={"type": str(image_type)}) from error
    except Exception as error:
        # Decoders raise more exceptions than they document: OSError, SyntaxError, ValueError, struct.error ...
        raise unreadable(f"cannot be decoded: {type(error).__name__}") from error
