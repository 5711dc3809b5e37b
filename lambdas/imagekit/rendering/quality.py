"""The smallest file that is like its picture to a given degree."""

from io import BytesIO

from PIL import Image

from imagekit.decoding.color import flatten
from imagekit.rendering.encode import MAX_QUALITY, MIN_QUALITY, encode
from imagekit.rendering.ssim import ssim
from safelight_contracts.image_types import ImageType
from safelight_contracts.renditions import Ssim

# Halving 1 to 100 seven times leaves one.
_MOST_TRIES = 7
# The most pixels that all tries encode together: some 15 seconds of AVIF, which is slowest (`bench/targets.py`).
_TRIED_PIXELS = 50_000_000


def encode_to_target(picture: Image.Image, *, image_type: ImageType, target: Ssim, background: str) -> bytes:
    """Write the smallest file that reaches a likeness, by bisecting the quality in seven encodes at most.

    Of a picture of more than 6 megapixels fewer are made, so that they take no longer: the file may then be larger than
    one of the qualities that were not tried, but it reaches the likeness all the same.

    Parameters
    ----------
    picture
        In mode RGB or RGBA, in sRGB and upright.
    image_type
        JPEG, WEBP or AVIF.
    target
        The likeness. Where no quality reaches it, the file is the one of the highest.
    background
        The colour that a JPEG is laid on where the picture is transparent.
    """
    grounds = [background] if image_type is ImageType.JPEG or picture.mode == "RGB" else ["black", "white"]
    references = {ground: flatten(picture, color=ground).convert("L") for ground in grounds}
    found, file, quality = None, b"", 0
    low, high = MIN_QUALITY, MAX_QUALITY + 1
    for _ in range(_tries(picture)):
        if low >= high:
            break
        quality = (low + high) // 2
        file = encode(picture, image_type=image_type, quality=quality, background=background)
        likeness = _likeness(file, references=references)
        if likeness < target.value:
            low = quality + 1
            continue
        found, high = file, quality
        if likeness <= target.value + target.tolerance:
            break
    if found is not None:
        return found
    if quality == MAX_QUALITY:
        return file
    return encode(picture, image_type=image_type, quality=MAX_QUALITY, background=background)


def _tries(picture: Image.Image) -> int:
    # One is kept for the highest quality.
    affordable = _TRIED_PIXELS // (picture.width * picture.height) - 1
    return min(_MOST_TRIES, max(1, affordable))


def _likeness(file: bytes, *, references: dict[str, Image.Image]) -> float:
    decoded = Image.open(BytesIO(file))
    # A transparent picture is looked at on black and on white, as it may be of either colour itself.
    return min(ssim(flatten(decoded, color=ground).convert("L"), reference) for ground, reference in references.items())
