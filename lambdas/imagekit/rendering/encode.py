"""Encode images with Pillow, in the requested format and without any metadata."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image

from imagekit.decoding.color import flatten
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import DEFAULT_QUALITIES

MIN_QUALITY = 1
MAX_QUALITY = 100

# The fastest setting of each format whose files are at least a fifth smaller than JPEG's at equal SSIM.
_OPTIONS: dict[ImageType, dict[str, Any]] = {
    ImageType.JPEG: {"subsampling": "4:2:0"},
    ImageType.PNG: {},
    ImageType.WEBP: {"method": 2},
    ImageType.AVIF: {"speed": 9},
}

# Pillow also accepts quantisation tables. MozJPEG's tables were tried on photographs. Without MozJPEG's trellis
# quantisation they make files up to a tenth larger at an SSIM of .95 and more. So libjpeg's tables stay.
#
# A JPEG that is written in several passes holds all coefficients: 3 bytes a pixel, and the encoder's buffer 2 more.
_MAX_PIXELS_IN_PASSES = 25_000_000

# The chunk that lists the features of an animated WebP (RFC 9649, 2.7).
_VP8X = slice(12, 16)
_VP8X_NAME = b"VP8X"
_VP8X_FLAGS = 20
_ALPHA_FLAG = 0x10


def encode(
    image: Image.Image, *, image_type: ImageType, quality: int | None = None, background: str = "#ffffff"
) -> bytes:
    """Encode an image as a file.

    Parameters
    ----------
    image
        In mode RGB or RGBA, in sRGB and upright.
    image_type
        A key of `MAX_SIDES`.
    quality
        1 to 100. Default: that of `DEFAULT_QUALITIES`. PNG has no quality.
    background
        The colour, as Pillow names it, that replaces transparency in a JPEG, which has none. Default: white.

    Returns
    -------
    bytes
        The file, without EXIF, position, XMP, colour profile or comment.
    """
    options = dict(_OPTIONS[image_type])
    if image_type in DEFAULT_QUALITIES:
        options["quality"] = DEFAULT_QUALITIES[image_type] if quality is None else quality
    if image_type is ImageType.JPEG and image.width * image.height <= _MAX_PIXELS_IN_PASSES:
        options |= {"progressive": True, "optimize": True}
    bare = flatten(image, color=background) if image_type is ImageType.JPEG else image.copy()
    # Some of Pillow's writers copy metadata from here.
    bare.info.clear()
    file = BytesIO()
    bare.save(file, format=image_type, **options)
    return file.getvalue()


def encode_animation(
    frames: Sequence[Image.Image], *, milliseconds: Sequence[int], plays: int, quality: int | None
) -> bytes:
    """Encode an animation as a WebP.

    Parameters
    ----------
    frames
        In mode RGB or RGBA, all of one size, in sRGB and upright.
    milliseconds
        How long each frame is shown.
    plays
        How often the animation is played. 0 means forever.
    quality
        1 to 100. None means the default for WebP.

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
        quality=DEFAULT_QUALITIES[ImageType.WEBP] if quality is None else quality,
        **_OPTIONS[ImageType.WEBP],
    )
    written = bytearray(file.getvalue())
    # libwebp writes only the part of a frame that differs. If that part is opaque, libwebp forgets that the rest is
    # transparent.
    if written[_VP8X] == _VP8X_NAME and any(frame.mode == "RGBA" for frame in frames):
        written[_VP8X_FLAGS] |= _ALPHA_FLAG
    return bytes(written)
