"""Decode images: only the recognised types, and into sRGB.

libvips decodes JPEG, PNG and TIFF, Pillow most other types. HEIC needs pi-heif, and RAW needs rawpy. They are imported
only for a file of that type. If one of them is not installed, its type is not supported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO

import pyvips
from PIL import Image

from imagekit.decoding.development import develop
from imagekit.decoding.libvips import evaluate, from_pillow, load, to_pillow
from imagekit.decoding.srgb_conversion import in_srgb
from imagekit.formats.format import Format
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Size
from imagekit.metadata.orientation import UPRIGHT
from imagekit.rejection import ImageRejected, unreadable, unsupported
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import ImageType

# We check our own limit on pixels in the header. Pillow's limit would be a second one.
Image.MAX_IMAGE_PIXELS = None

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
    """An opened image, whose pixels are decoded when a picture of it is computed.

    `pixels`: of 8 bits, grey or sRGB, at the image's full size. Camera raw may have half of the full size. The colours
    are converted before any scaling, because scaling and conversion do not commute: otherwise a picture could show one
    thing to a check, and another at a rendition's size.
    `orientation`: how to rotate the pixels for display. Call `turn_upright`, preferably after resizing.
    `image_type`: the type of the file.
    """

    pixels: pyvips.Image
    orientation: int
    image_type: ImageType

    def compute(self, picture: pyvips.Image) -> pyvips.Image:
        """Compute a picture that is made of the pixels, and keep it in memory. The rows of a file are read once.

        Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt.
        """
        with rejecting_failures(self.image_type):
            return evaluate(picture)

    def in_memory(self) -> "Decoded":
        """Decode all pixels, so that several pictures can be computed of them.

        Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt.
        """
        return replace(self, pixels=self.compute(self.pixels))

    def upright_picture(self) -> Image.Image:
        """Decode all pixels into a picture for display, in mode L, LA, RGB or RGBA.

        Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt.
        """
        return turn_upright(to_pillow(self.in_memory().pixels), orientation=self.orientation)


def decode(data: bytes, *, header: Header, development: Development = DEFAULT_DEVELOPMENT) -> Decoded:
    """Open the whole first frame of an image.

    Decoding never scales: a JPEG that libjpeg scales shows its DC coefficients, which may differ from what the pixels
    show. Camera raw has the size that follows from the file and its development.

    `header`: the result of `imagekit.decoding.limits.inspect`.
    `development`: how to develop camera raw. It does not affect other types. Default: `DEFAULT_DEVELOPMENT`.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the bytes are truncated or corrupt, `UNSUPPORTED_TYPE` if the decoder of
    the type is not installed.
    """
    found = FORMATS[header.type]
    orientation = header.orientation
    with rejecting_failures(header.type):
        for check in found.checks:
            check(data)
        image = _by_libvips(data, found=found, expected=header.coded)
        if image is None and found.pillow_name is None:
            image = from_pillow(develop(data, size=header.coded, development=development))
        elif image is None:
            turned = found.is_turned_when_loaded
            expected = header.coded.transposed() if turned and header.swaps_sides else header.coded
            image = from_pillow(_cut(_open(data, found=found, expected=expected), header=header))
            orientation = UPRIGHT if turned else orientation
        pixels = in_srgb(image, encoding=header.color_encoding)
    return Decoded(pixels=pixels, orientation=orientation, image_type=header.type)


def decoded_frame(image: Image.Image, *, header: Header) -> Decoded:
    """Convert a loaded frame of an animation.

    `image`: as Pillow loaded it.
    """
    pixels = in_srgb(from_pillow(image), encoding=header.color_encoding)
    return Decoded(pixels=pixels, orientation=header.orientation, image_type=header.type)


def _by_libvips(data: bytes, *, found: Format, expected: Size) -> pyvips.Image | None:
    """Open an image with libvips; None if Pillow has to decode it."""
    if found.libvips_loader is None or found.is_beyond_libvips(data):
        return None
    try:
        image = load(found.repair(data), loader=found.libvips_loader)
    except pyvips.Error:
        if found.pillow_name is None:
            raise
        return None
    _check_size((image.width, image.height), expected=expected)
    return found.as_shown(image, data)


def _open(data: bytes, *, found: Format, expected: Size) -> Image.Image:
    found.prepare()
    if found.frame_pictures is not None:
        return next(found.frame_pictures(data, expected))
    image = found.unpack(data) or Image.open(BytesIO(data), formats=[found.pillow_name or ""])
    _check_size(image.size, expected=expected)
    # No decoder changes the size. libheif rejects a picture that is not coded at the size that its header gives.
    image.load()
    return found.adjusted(image, data)


def _cut(image: Image.Image, *, header: Header) -> Image.Image:
    if header.aperture is None:
        return image
    left, top = header.aperture.left, header.aperture.top
    shown = image.crop((left, top, left + header.stored_width, top + header.stored_height))
    shown.info = image.info
    return shown


def _check_size(size: tuple[int, int], *, expected: Size) -> None:
    if size != (expected.width, expected.height):
        raise unreadable("header and image data disagree on the size")


def turn_upright(image: Image.Image, *, orientation: int) -> Image.Image:
    """Rotate and flip pixels for display.

    `image`: the pixels.
    `orientation`: 1 to 8, as in EXIF.
    """
    return image if orientation == UPRIGHT else image.transpose(_TO_UPRIGHT[orientation])


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
        raise unsupported(str(image_type)) from error
    except Exception as error:
        # Decoders raise more exceptions than they document: OSError, SyntaxError, ValueError, struct.error ...
        raise unreadable(f"cannot be decoded: {type(error).__name__}") from error
