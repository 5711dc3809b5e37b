"""Animations: render all frames of a GIF or a WebP as an animated WebP."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from imagekit.decoding.color import in_color, pad, without_hidden_colors
from imagekit.decoding.decode import Decoded, decoded_frame, rejecting_failures, turn_upright
from imagekit.decoding.libvips import to_pillow
from imagekit.decoding.limits import MAX_WRITTEN_PIXELS
from imagekit.formats.header import Header
from imagekit.formats.registry import FORMATS
from imagekit.geometry import Placement, Size
from imagekit.rejection import ImageFault, ImageRejected, unreadable
from imagekit.rendering.cascade import resize
from imagekit.rendering.encode import encode_animation

MAX_DECODED_PIXELS = 250_000_000
"""The maximum number of pixels of all frames of an animation together. Decoding them takes about ten seconds."""

# At most a minute per frame, because libwebp counts milliseconds in 31 bits.
_MAX_MILLISECONDS = 60_000
_MAX_PLAYS = 65_535
# Browsers show a frame of 10 ms or less for 100 ms.
_TOO_SHORT = 10
_IN_PLACE_OF_TOO_SHORT = 100


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A frame of an animation as it is shown, including what remains of earlier frames.

    `decoded`: the frame's pixels.
    `plays`: how often the animation is played. 0 means forever.
    """

    decoded: Decoded
    milliseconds: int
    plays: int


def display_times(data: bytes, *, header: Header) -> list[int]:
    """Return how many milliseconds a browser shows each frame of an animation. No frame is decoded.

    `header`: the result of `imagekit.decoding.limits.inspect`, for which `is_animation` is true.
    """
    stored_times = FORMATS[header.type].display_times
    times = [] if stored_times is None else stored_times(data)
    return [
        _IN_PLACE_OF_TOO_SHORT if milliseconds <= _TOO_SHORT else min(milliseconds, _MAX_MILLISECONDS)
        for milliseconds in times
    ]


def render_animation(
    data: bytes, *, header: Header, placement: Placement, quality: int | None, background: str, exif: bytes = b""
) -> bytes:
    """Make an animated WebP of an animation: upright, in sRGB, without metadata of the source.

    `header`: the result of `imagekit.decoding.limits.inspect`.
    `placement`: which part of the frames is shown, and how large.
    `quality`: 1 to 100. None means the default for WebP.
    `background`: the colour of the padding, `#rrggbb` or `#rrggbbaa`.
    `exif`: EXIF data to put into the file. Default: none.

    Raises ImageRejected: `IMAGE_TOO_LARGE` if the frames have too many pixels together. `UNREADABLE_IMAGE` if a frame
    is truncated or corrupt, or if a frame of a GIF extends beyond the first one: decoding it would take memory that the
    limit on pixels does not cover.
    """
    canvas = placement.canvas
    check_written_pixels(canvas, header=header)
    pictures, durations, plays = [], [], 0
    for frame in decoded_frames(data, header=header):
        small = resize(frame.decoded.pixels, placement=placement, orientation=frame.decoded.orientation)
        picture = turn_upright(in_color(to_pillow(small)), orientation=frame.decoded.orientation)
        padded = pad(picture, width=canvas.width, height=canvas.height, color=background)
        pictures.append(without_hidden_colors(padded))
        durations.append(frame.milliseconds)
        plays = frame.plays
    return encode_animation(pictures, milliseconds=durations, plays=plays, quality=quality, exif=exif)


def check_written_pixels(size: Size, *, header: Header) -> None:
    """Reject an animation whose frames would have too many pixels together when they are written.

    `size`: the size of each written frame.

    Raises ImageRejected: `IMAGE_TOO_LARGE`.
    """
    frames = _frames(header)
    _check_pixels(frames * size.width * size.height, limit=MAX_WRITTEN_PIXELS, frames=frames)


def decoded_frames(data: bytes, *, header: Header) -> Iterator[Frame]:
    """Decode the frames of an animation one by one, on demand.

    `header`: the result of `imagekit.decoding.limits.inspect`, for which `is_animation` is true.

    Yields frames whose pixels are valid until you request the next one. Raises ImageRejected: `IMAGE_TOO_LARGE` if the
    frames have too many pixels together. `UNREADABLE_IMAGE` if a frame is truncated or corrupt, or if a frame of a GIF
    extends beyond the first one.
    """
    frames = _frames(header)
    _check_pixels(frames * header.width * header.height, limit=MAX_DECODED_PIXELS, frames=frames)
    found = FORMATS[header.type]
    with rejecting_failures(header.type):
        image = Image.open(BytesIO(data), formats=[found.pillow_name or ""])
        if image.size != (header.stored_width, header.stored_height):
            raise unreadable("header and image data disagree on the size")
        plays = _plays(image)
        decode_frames = found.frame_pictures
        pictures = _by_pillow(image, frames=frames) if decode_frames is None else decode_frames(data, header.coded)
        times = () if found.display_times is None else found.display_times(data)
        for picture, milliseconds in zip(pictures, times, strict=True):
            yield Frame(
                decoded=decoded_frame(picture, header=header),
                milliseconds=min(milliseconds, _MAX_MILLISECONDS),
                plays=plays,
            )


def _by_pillow(image: Image.Image, *, frames: int) -> Iterator[Image.Image]:
    for number in range(frames):
        image.seek(number)
        image.load()
        yield image


def _frames(header: Header) -> int:
    return 1 if header.frames is None else header.frames


def _check_pixels(pixels: int, *, limit: int, frames: int) -> None:
    if pixels > limit:
        detail = {"frames": frames, "pixelsOfAllFrames": pixels, "maxPixelsOfAllFrames": limit}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)


def _plays(image: Image.Image) -> int:
    loop = image.info.get("loop")
    if image.format != "GIF" or loop == 0:
        return int(loop or 0)
    # A GIF stores the number of repetitions. Without that number, the animation is played once.
    return 1 if loop is None else min(int(loop) + 1, _MAX_PLAYS)
