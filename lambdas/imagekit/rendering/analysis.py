"""The analysis image: a picture of limited size for an image that Rekognition does not accept as it is.

If readers may see an image in several ways, one analysis image shows all of them in tiles: each background of a
transparent image, and frames of an animation that is published as an animation.

Rekognition accepts only JPEG and PNG, and has the limits of `safelight_contracts.rekognition`.
"""

from collections.abc import Sequence

from PIL import Image

from imagekit.decoding.color import flatten, in_color
from imagekit.decoding.decode import Decoded, decode, turn_upright
from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.srgb_conversion import is_transparent
from imagekit.formats.header import Header
from imagekit.formats.inspection import is_animation
from imagekit.geometry import Size
from imagekit.rendering.animation import decoded_frames, display_times
from imagekit.rendering.contact_sheet import contact_sheet, needs_contact_sheet, strip_size, validate_aspect
from imagekit.rendering.encode import encode
from imagekit.rendering.frames import frames_shown, spread
from imagekit.rendering.prepared_image import MAX_ANALYSIS_SIDE, PreparedImage
from imagekit.rendering.scaling import scale
from imagekit.tiles import ONE_TILE, Tiles, grid_of
from safelight_contracts.development import DEFAULT_DEVELOPMENT, Development
from safelight_contracts.image_types import ImageType
from safelight_contracts.presentation import DEFAULT_PRESENTATION, Presentation
from safelight_contracts.rekognition import MAX_BYTES, MIN_SIDE
from safelight_contracts.renditions import ChromaSubsampling

MIN_TILE_SIDE = 640
"""The minimum length of a tile's longer side in pixels, if there are several tiles."""

_QUALITIES = (90, 75, 50)
_TWO_TILES = grid_of(2)


def prepare_analysis_image(
    data: bytes,
    *,
    header: Header,
    development: Development = DEFAULT_DEVELOPMENT,
    presentation: Presentation = DEFAULT_PRESENTATION,
) -> PreparedImage:
    """Make the JPEG of an image that Rekognition examines: upright, in sRGB, on opaque backgrounds.

    An image smaller than Rekognition's minimum is enlarged until its shorter side has 80 pixels, so that a tiny icon
    is checked too. An image longer than 3:1 is shown as a contact sheet, because nothing would be visible in it if it
    were scaled until its longer side fits.

    Only an image with transparent parts has a tile for each background.

    Of an animation, the first frame is shown. Still renditions show the same frame. If animations are published, at
    most nine frames are shown, evenly spread over the play time, including the first and the last. Content that is
    shown for less than an eighth of the play time may be missed. A transparent animation has as many frames on each
    background as nine tiles allow, but at least two.

    Parameters
    ----------
    data
        The whole file.
    header
        The result of `imagekit.decoding.limits.inspect`, within its limits.
    development
        How to develop camera raw. It must be the same for what is published. Default: `DEFAULT_DEVELOPMENT`.
    presentation
        How readers see the renditions. Default: on white, and only the first frame of an animation.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` if the bytes are truncated or corrupt. `IMAGE_TOO_LARGE` if the image is longer than 16:1, or
        than 8:1 with more than four tiles, or if the frames of an animation that is published have too many pixels
        together.
    """
    image = Size(width=header.width, height=header.height)
    validate_aspect(image, tiles=ONE_TILE)
    if presentation.animated and is_animation(header):
        pictures, tiles = _moving(data, header=header, image=image, presentation=presentation)
    else:
        pictures, tiles = _still(data, header=header, image=image, presentation=presentation, development=development)
    sheet = _laid_out(pictures, tiles=tiles)
    files = (
        encode(sheet, image_type=ImageType.JPEG, quality=quality, chroma_subsampling=ChromaSubsampling.YUV_420)
        for quality in _QUALITIES
    )
    # An image of 1920 x 1920 pixels of noise takes less than 3 MB at the lowest of these qualities.
    return PreparedImage(data=next(file for file in files if len(file) <= MAX_BYTES), tiles=tiles)


def _still(
    data: bytes, *, header: Header, image: Size, presentation: Presentation, development: Development
) -> tuple[list[Image.Image], Tiles]:
    decoded = decode(data, header=header, development=development)
    if decoded.pixels.hasalpha():
        decoded = decoded.in_memory()
    backgrounds = _backgrounds(presentation, seen_through=is_transparent(decoded.pixels))
    tiles = grid_of(len(backgrounds))
    validate_aspect(image, tiles=tiles)
    picture = _upright(decoded, size=_shown_size(image, tiles=tiles))
    return _on_backgrounds([picture], backgrounds=backgrounds, image=image), tiles


def _moving(data: bytes, *, header: Header, image: Size, presentation: Presentation) -> tuple[list[Image.Image], Tiles]:
    times = display_times(data, header=header)
    is_long = needs_contact_sheet(image)
    # Choose for each number of backgrounds: only decoding the frames shows whether they are transparent.
    chosen = {
        number: spread(times, most=frames_shown(backgrounds=number, is_long=is_long))
        for number in {1, len(presentation.backgrounds)}
    }
    wanted = {frame for frames in chosen.values() for frame in frames}
    candidates, seen_through = {}, False
    for number, frame in enumerate(decoded_frames(data, header=header)):
        if number in wanted:
            seen_through |= is_transparent(frame.decoded.pixels)
            # As large as the frame is in the smallest possible number of tiles.
            candidates[number] = _upright(frame.decoded, size=_shown_size(image, tiles=_TWO_TILES))
    backgrounds = _backgrounds(presentation, seen_through=seen_through)
    shown = [candidates[number] for number in chosen[len(backgrounds)]]
    tiles = grid_of(len(shown) * len(backgrounds))
    validate_aspect(image, tiles=tiles)
    size = _shown_size(image, tiles=tiles)
    pictures = [picture.resize((size.width, size.height), Image.Resampling.LANCZOS) for picture in shown]
    return _on_backgrounds(pictures, backgrounds=backgrounds, image=image), tiles


def _backgrounds(presentation: Presentation, *, seen_through: bool) -> Sequence[str]:
    return presentation.backgrounds if seen_through else presentation.backgrounds[:1]


def _upright(decoded: Decoded, *, size: Size) -> Image.Image:
    stored_size = size.transposed() if decoded.orientation >= 5 else size
    small = decoded.compute(scale(decoded.pixels, size=stored_size))
    return turn_upright(in_color(to_pillow(small)), orientation=decoded.orientation)


def _on_backgrounds(pictures: Sequence[Image.Image], *, backgrounds: Sequence[str], image: Size) -> list[Image.Image]:
    flattened = [flatten(picture, color=background) for background in backgrounds for picture in pictures]
    return [contact_sheet(picture) for picture in flattened] if needs_contact_sheet(image) else flattened


def _laid_out(pictures: Sequence[Image.Image], *, tiles: Tiles) -> Image.Image:
    if tiles == ONE_TILE:
        return pictures[0]
    width, height = pictures[0].size
    sheet = Image.new("RGB", (tiles.columns * width, tiles.rows * height), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (number % tiles.columns * width, number // tiles.columns * height))
    return sheet


def _shown_size(image: Size, *, tiles: Tiles) -> Size:
    most = MAX_ANALYSIS_SIDE // tiles.columns
    if needs_contact_sheet(image):
        return strip_size(image, min_side=MIN_SIDE if tiles == ONE_TILE else most, max_side=most)
    longer, shorter = max(image.width, image.height), min(image.width, image.height)
    enlarged = MIN_SIDE / shorter if tiles == ONE_TILE else MIN_TILE_SIDE / longer
    scale = min(most / longer, max(1.0, enlarged))
    return Size(width=round(image.width * scale), height=round(image.height * scale))
