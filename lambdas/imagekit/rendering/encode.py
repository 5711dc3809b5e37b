"""Encoding with Pillow: bytes that really are of the named format, without any metadata."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from imagekit.decoding.color import flatten
from safelight_contracts.image_types import ImageType

MIN_QUALITY = 1
MAX_QUALITY = 100

_QUALITY = {ImageType.JPEG: 80, ImageType.WEBP: 80, ImageType.AVIF: 60}

# The fastest setting of each format whose files are at least a fifth smaller than JPEG's at equal SSIM.
_OPTIONS: dict[ImageType, dict[str, Any]] = {
    ImageType.JPEG: {"subsampling": "4:2:0"},
    ImageType.PNG: {},
    ImageType.WEBP: {"method": 2},
    ImageType.AVIF: {"speed": 9},
}

# Pillow takes tables for quantisation too, and MozJPEG's own were tried on photographs: without its trellis they make
# files up to a tenth larger at an SSIM of .95 and more. libjpeg's stay.
#
# A JPEG in several passes holds all coefficients: 3 bytes a pixel, and the encoder's buffer 2 more.
_MAX_PIXELS_IN_PASSES = 25_000_000

# The chunk that says what an animated WebP has (RFC 9649, 2.7).
_VP8X = slice(12, 16)
_VP8X_NAME = b"VP8X"
_VP8X_FLAGS = 20
_ALPHA_FLAG = 0x10


def encode(
    image: Image.Image, *, image_type: ImageType, quality: int | None = None, background: str = "#ffffff"
) -> bytes:
    """Write an image as a file.

    Parameters
    ----------
    image
        In mode RGB or RGBA, in sRGB and upright.
    image_type
        A key of `MAX_SIDES`.
    quality
        1 to 100; left out, the format's own choice (80, AVIF 60). PNG has none.
    background
        The colour, as Pillow names it, that a JPEG, which has no transparency, is laid on. White when left out.

    Returns
    -------
    bytes
        The file: no EXIF, no position, no XMP, no colour profile, no comment.
    """
    options = dict(_OPTIONS[image_type])
    if image_type in _QUALITY:
        options["quality"] = _QUALITY[image_type] if quality is None else quality
    if image_type is ImageType.JPEG and image.width * image.height <= _MAX_PIXELS_IN_PASSES:
        options |= {"progressive": True, "optimize": True}
    bare = flatten(image, color=background) if image_type is ImageType.JPEG else image.copy()
    # Some of Pillow's writers take metadata over from here.
    bare.info.clear()
    file = BytesIO()
    bare.save(file, format=image_type, **options)
    return file.getvalue()


def encode_animation(
    frames: Sequence[Image.Image], *, milliseconds: Sequence[int], plays: int, quality: int | None
) -> bytes:
    """Write an animation as a WebP.

    Parameters
    ----------
    frames
        In mode RGB or RGBA, all of one size, in sRGB and upright.
    milliseconds
        How long each is shown.
    plays
        How often they are played; 0 for ever.
    quality
        1 to 100; None for WebP's own choice, 80.

    Returns
    -------
    bytes
        The file, without any metadata.
    """
    first, *others = frames
    file = BytesIO()
    first.save(
        file,
        format=ImageType.WEBP,
        save_all=True,
        append_images=others,
        duration=list(milliseconds),
        loop=plays,
        background=(0, 0, 0, 0),
        quality=_QUALITY[ImageType.WEBP] if quality is None else quality,
        **_OPTIONS[ImageType.WEBP],
    )
    written = bytearray(file.getvalue())
    # libwebp writes only what differs of a frame, and forgets that the rest is transparent when that is not.
    if written[_VP8X] == _VP8X_NAME and any(frame.mode == "RGBA" for frame in frames):
        written[_VP8X_FLAGS] |= _ALPHA_FLAG
    return bytes(written)
