"""Encode images with Pillow, in the requested format. The only metadata is EXIF data that is passed."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from math import ceil
from typing import Any

from PIL import Image, ImageFile

from imagekit.decoding.color import flatten
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import DEFAULT_QUALITIES, ChromaSubsampling

MIN_QUALITY = 1
MAX_QUALITY = 100

# The fastest setting of each format whose files are at least a fifth smaller than JPEG's at equal SSIM.
_OPTIONS: dict[ImageType, dict[str, Any]] = {
    ImageType.JPEG: {"optimize": True, "progressive": True},
    ImageType.PNG: {},
    ImageType.WEBP: {"method": 2},
    ImageType.AVIF: {"speed": 9},
}

_IN_ONE_PASS = {"optimize": False, "progressive": False}


def png_compression(effort: int) -> int:
    """Return zlib's level, 1 to 9, for an effort from 0 to 6."""
    return min(9, 1 + 3 * effort // 2)


# An effort from 0 to 6 on each encoder's own scale. A JPEG has its own Huffman tables from 1 on, and is progressive
# from 4 on. libwebp's scale is the same. zlib's goes from 1 to 9. libavif's speed is 9 less the effort, as in libvips.
_EFFORTS: dict[ImageType, Callable[[int], dict[str, Any]]] = {
    ImageType.JPEG: lambda effort: {"optimize": effort >= 1, "progressive": effort >= 4},
    ImageType.PNG: lambda effort: {"compress_level": png_compression(effort)},
    ImageType.WEBP: lambda effort: {"method": effort},
    ImageType.AVIF: lambda effort: {"speed": 9 - effort},
}

# Pillow also accepts quantisation tables. MozJPEG's tables were tried on photographs. Without MozJPEG's trellis
# quantisation they make files up to a tenth larger at an SSIM of .95 and more. So libjpeg's tables stay.

# From about this quality on, 4:4:4 is nearer to the picture than a file of 4:2:0 of as many bytes. The mean square
# error of four photographs is .43 to 1.09 times as large in a JPEG, and .26 to .92 times in an AVIF.
_FULL_CHROMA_QUALITY = 90
_SUBSAMPLED = {ImageType.JPEG, ImageType.AVIF}

# Samples of luma and chroma a pixel.
_SAMPLES = {ChromaSubsampling.YUV_420: 1.5, ChromaSubsampling.YUV_422: 2, ChromaSubsampling.YUV_444: 3}
# A JPEG that is written in several passes holds all coefficients, 2 bytes each, and the file.
_MAX_SAMPLES_IN_PASSES = 37_500_000
# The file must then fit into the encoder's buffer. Pillow's own buffer is too small for noise of a high quality, which
# takes up to 1.1 bytes a sample, and for very narrow pictures, because blocks of 16 pixels a side are written whole.
_BUFFER_BYTES_A_SAMPLE = 2
_BLOCK_SIDE = 16

# How encoders say that they have no memory. libwebp: VP8_ENC_ERROR_OUT_OF_MEMORY and its bitstream's. libavif does not
# pass on why libaom fails, and of a picture that Pillow can hold nothing else is known.
_NO_MEMORY = re.compile(r"encoding error [12]\b|Encoding of (?:color planes|alpha plane) failed|Out of memory")

# The chunk that lists the features of an animated WebP (RFC 9649, 2.7).
_VP8X = slice(12, 16)
_VP8X_NAME = b"VP8X"
_VP8X_FLAGS = 20
_ALPHA_FLAG = 0x10


def encode(
    image: Image.Image,
    *,
    image_type: ImageType,
    quality: int | None = None,
    chroma_subsampling: ChromaSubsampling | None = None,
    background: str = "#ffffff",
    exif: bytes = b"",
    effort: int | None = None,
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
    chroma_subsampling
        Of a JPEG or an AVIF. Default: 4:4:4 from quality 90 on, otherwise 4:2:0.
    background
        The colour, as Pillow names it, that replaces transparency in a JPEG, which has none. Default: white.
    exif
        EXIF data to put into the file. Default: none.
    effort
        0 (fastest) to 6 (smallest file). Default: a progressive JPEG, and of each other type the fastest setting that
        is worth its bytes.

    Returns
    -------
    bytes
        The file, without position, XMP, colour profile or comment, and without EXIF data other than `exif`.

    Raises
    ------
    MemoryError
        If the encoder needs more memory than there is.
    """
    options = _options(image_type, effort=effort)
    buffer_bytes = 0
    if image_type in DEFAULT_QUALITIES:
        options["quality"] = DEFAULT_QUALITIES[image_type] if quality is None else quality
    if image_type in _SUBSAMPLED:
        options["subsampling"] = chroma_subsampling or _chroma_subsampling(quality=options["quality"])
    if image_type is ImageType.JPEG:
        samples_a_pixel = _SAMPLES[options["subsampling"]]
        if image.width * image.height * samples_a_pixel > _MAX_SAMPLES_IN_PASSES:
            options |= _IN_ONE_PASS
        else:
            buffer_bytes = _buffer_bytes(image, samples_a_pixel=samples_a_pixel) + len(exif)
    if exif:
        options["exif"] = exif
    bare = flatten(image, color=background) if image_type is ImageType.JPEG else image.copy()
    # Some of Pillow's writers copy metadata from here.
    bare.info.clear()
    file = BytesIO()
    with _memory_errors(), _buffer_of_at_least(buffer_bytes):
        bare.save(file, format=image_type, **options)
    return file.getvalue()


def _options(image_type: ImageType, *, effort: int | None) -> dict[str, Any]:
    return dict(_OPTIONS[image_type]) if effort is None else _EFFORTS[image_type](effort)


def _chroma_subsampling(*, quality: int) -> ChromaSubsampling:
    return ChromaSubsampling.YUV_444 if quality >= _FULL_CHROMA_QUALITY else ChromaSubsampling.YUV_420


def _buffer_bytes(image: Image.Image, *, samples_a_pixel: float) -> int:
    blocks = ceil(image.width / _BLOCK_SIDE) * ceil(image.height / _BLOCK_SIDE)
    return ceil(blocks * _BLOCK_SIDE**2 * samples_a_pixel * _BUFFER_BYTES_A_SAMPLE)


@contextmanager
def _memory_errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if _NO_MEMORY.search(str(error)):
            raise MemoryError from error
        raise


@contextmanager
def _buffer_of_at_least(buffer_bytes: int) -> Iterator[None]:
    ordinary = ImageFile.MAXBLOCK
    ImageFile.MAXBLOCK = max(ordinary, buffer_bytes)
    try:
        yield
    finally:
        ImageFile.MAXBLOCK = ordinary


def encode_animation(
    frames: Sequence[Image.Image],
    *,
    milliseconds: Sequence[int],
    plays: int,
    quality: int | None,
    exif: bytes = b"",
    effort: int | None = None,
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
    exif
        EXIF data to put into the file. Default: none.
    effort
        As for `encode`.

    Returns
    -------
    bytes
        The file, without any metadata but `exif`.

    Raises
    ------
    MemoryError
        As for `encode`.
    """
    first, *others = frames
    file = BytesIO()
    with _memory_errors():
        first.save(
            file,
            format=ImageType.WEBP,
            save_all=True,
            append_images=others,
            duration=list(milliseconds),
            loop=plays,
            background=(0, 0, 0, 0),
            quality=DEFAULT_QUALITIES[ImageType.WEBP] if quality is None else quality,
            exif=exif,
            **_options(ImageType.WEBP, effort=effort),
        )
    written = bytearray(file.getvalue())
    # libwebp writes only the part of a frame that differs. If that part is opaque, libwebp forgets that the rest is
    # transparent.
    if written[_VP8X] == _VP8X_NAME and any(frame.mode == "RGBA" for frame in frames):
        written[_VP8X_FLAGS] |= _ALPHA_FLAG
    return bytes(written)
