"""Find the smallest file that reaches a given similarity to its picture."""

from functools import partial
from io import BytesIO

from PIL import Image

from imagekit.decoding.color import flatten
from imagekit.rendering.encode import MAX_QUALITY, MIN_QUALITY, encode
from imagekit.rendering.ssim import ssim
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import ChromaSubsampling, Ssim

# Halving the range 1 to 100 seven times leaves one value.
_MOST_TRIES = 7
# The maximum number of pixels that all tries encode together: some 15 seconds of AVIF, the slowest format
# (`bench/targets.py`).
_TRIED_PIXELS = 50_000_000


def encode_to_target(
    picture: Image.Image,
    *,
    image_type: ImageType,
    target: Ssim,
    background: str,
    chroma_subsampling: ChromaSubsampling | None = None,
    exif: bytes = b"",
) -> bytes:
    """Write the smallest file that reaches a similarity, by a binary search of the quality with at most seven encodes.

    A picture of more than 6 megapixels gets fewer encodes, so that they take no longer. Its file may be larger than the
    file of a quality that was not tried, but it still reaches the similarity.

    `picture`: in mode RGB or RGBA, in sRGB and upright.
    `image_type`: JPEG, WEBP or AVIF.
    `target`: the similarity. If no quality reaches it, the file has the highest quality.
    `chroma_subsampling`: of a JPEG or an AVIF. Default: that of each quality that is tried.
    `exif`: EXIF data to put into the file. Default: none.
    """
    encode_at = partial(
        encode,
        picture,
        image_type=image_type,
        chroma_subsampling=chroma_subsampling,
        background=background,
        exif=exif,
    )
    grounds = [background] if image_type is ImageType.JPEG or picture.mode == "RGB" else ["black", "white"]
    references = {ground: flatten(picture, color=ground).convert("L") for ground in grounds}
    found, file, quality = None, b"", 0
    low, high = MIN_QUALITY, MAX_QUALITY + 1
    for _ in range(_tries(picture)):
        if low >= high:
            break
        quality = (low + high) // 2
        file = encode_at(quality=quality)
        reached = _similarity(file, references=references)
        if reached < target.value:
            low = quality + 1
            continue
        found, high = file, quality
        if reached <= target.value + target.tolerance:
            break
    if found is not None:
        return found
    if quality == MAX_QUALITY:
        return file
    return encode_at(quality=MAX_QUALITY)


def _tries(picture: Image.Image) -> int:
    # One encode is reserved for the highest quality.
    affordable = _TRIED_PIXELS // (picture.width * picture.height) - 1
    return min(_MOST_TRIES, max(1, affordable))


def _similarity(file: bytes, *, references: dict[str, Image.Image]) -> float:
    decoded = Image.open(BytesIO(file))
    # Compare a transparent picture on black and on white, because it may itself be black or white.
    return min(ssim(flatten(decoded, color=ground).convert("L"), reference) for ground, reference in references.items())
