"""The pictures that a detector searches for faces, text and vehicles: parts of the upright image as JPEGs."""

from collections.abc import Iterator, Sequence

import pyvips
from PIL import Image

from imagekit.decoding.color import flatten, in_color
from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.srgb_conversion import is_transparent
from imagekit.decoding.upright import upright
from imagekit.geometry import Box as Place
from imagekit.geometry import Size
from imagekit.operations.delivered import EncodedImage
from imagekit.redaction.decoded_once import decoded_once
from imagekit.redaction.single_pictures import reject_several_pictures
from imagekit.rendering.contact_sheet import validate_aspect
from imagekit.rendering.encode import encode
from imagekit.rendering.prepared_image import MAX_ANALYSIS_SIDE
from imagekit.rendering.scaling import scale
from imagekit.tiles import ONE_TILE
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.rekognition import MAX_BYTES, MIN_SIDE
from safelight_contracts.renditions import ChromaSubsampling

_QUALITIES = (90, 75, 50)
# The picture is seen once, so that a smaller file is not worth the time.
_IN_ONE_PASS = 0
# A face that is drawn in one of them alone would be seen on the other.
_BACKGROUNDS = ("white", "black")


def detection_pictures(
    source: EncodedImage, *, places: Sequence[Place], development: Development = DEFAULT_DEVELOPMENT
) -> list[tuple[int, bytes]]:
    """Make pictures of parts of an image, upright and in sRGB.

    A transparent image is shown on white, on black and without its transparency. A redacted file holds the colours of
    pixels that are hardly visible, too, and whoever drops the transparency sees them.

    Parameters
    ----------
    source
        The file, within the limits of its header.
    places
        The parts of the upright image.
    development
        As for what is redacted. Default: `DEFAULT_DEVELOPMENT`.

    Returns
    -------
    list
        The number of the place, from 0, and a JPEG of `MIN_SIDE` to `MAX_ANALYSIS_SIDE` pixels a side and at most
        `MAX_BYTES`.

    Raises
    ------
    ImageRejected
        ``UNSUPPORTED_TYPE`` as for `imagekit.redaction.make.redact_image`. ``UNREADABLE_IMAGE`` if the bytes are
        truncated or corrupt. ``IMAGE_TOO_LARGE`` if the image is longer than 16:1.
    """
    header = source.header
    reject_several_pictures(header)
    validate_aspect(Size(width=header.width, height=header.height), tiles=ONE_TILE)
    decoded = decoded_once(source, development=development)
    pixels = upright(decoded.pixels, orientation=decoded.orientation)
    colors = pixels[: pixels.bands - 1] if pixels.hasalpha() else pixels
    bare = [(number, _jpeg(picture)) for number, picture in _parts(colors, places=places)]
    if not is_transparent(pixels):
        return bare
    shown = [
        (number, _jpeg(flatten(picture, color=background)))
        for number, picture in _parts(pixels, places=places)
        for background in _BACKGROUNDS
    ]
    return [*shown, *bare]


def _parts(pixels: pyvips.Image, *, places: Sequence[Place]) -> Iterator[tuple[int, Image.Image]]:
    for number, place in enumerate(places):
        width, height = (place.right - place.left) * pixels.width, (place.bottom - place.top) * pixels.height
        factor = min(MAX_ANALYSIS_SIDE / max(width, height), max(1.0, MIN_SIDE / min(width, height)))
        size = Size(width=max(MIN_SIDE, round(width * factor)), height=max(MIN_SIDE, round(height * factor)))
        yield number, in_color(to_pillow(scale(pixels, size=size, shown=place)))


def _jpeg(picture: Image.Image) -> bytes:
    files = (
        encode(
            picture,
            image_type=ImageType.JPEG,
            quality=quality,
            chroma_subsampling=ChromaSubsampling.YUV_420,
            effort=_IN_ONE_PASS,
        )
        for quality in _QUALITIES
    )
    # A picture of 1920 x 1920 pixels of noise takes less than 3 MB at the lowest of these qualities.
    return next(file for file in files if len(file) <= MAX_BYTES)
