"""Animations: a GIF or a WebP whose frames are all kept, written as WebP."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from imagekit.cascade import resize
from imagekit.color import pad, to_srgb
from imagekit.decode import Decoded, rejecting_failures, resizable, turn_upright
from imagekit.encode import encode_animation
from imagekit.geometry import Placement
from imagekit.header import Header
from imagekit.image_type import ImageType
from imagekit.rejection import ImageFault, ImageRejected, unreadable

MAX_FRAMES = 500
MAX_DECODED_PIXELS = 250_000_000
"""The most pixels that an animation may have, of all frames together: some ten seconds of decoding."""

MAX_WRITTEN_PIXELS = 100_000_000
"""The most that its rendition may have: the frames lie in memory together, at 4 bytes a pixel."""

# A minute a frame: libwebp counts milliseconds in 31 bits.
_MAX_MILLISECONDS = 60_000
_MAX_PLAYS = 65_535

_GIF_HEADER = 13
_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C
# A whole file of 100 MB has a tenth of these where its blocks are as long as writers make them.
_GIF_MAX_BLOCKS = 4_000_000


@dataclass(frozen=True, kw_only=True)
class _Frame:
    decoded: Decoded
    milliseconds: int
    plays: int


def frame_count(data: bytes, *, header: Header) -> int:
    """Count the frames of an image without decoding any.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.decode.inspect` said of it.

    Returns
    -------
    int
        1 for whatever is neither GIF nor WebP.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE` when there are more than 500, `UNREADABLE_IMAGE` when a GIF's later frame reaches beyond the
        first, so that decoding it would take memory that the limit on pixels knows nothing of.
    """
    frames = _frames_of(data, header=header)
    count = 0
    for _ in frames:
        count += 1
        if count > MAX_FRAMES:
            raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail={"type": str(header.type), "maxFrames": MAX_FRAMES})
    return max(1, count)


def render_animation(
    data: bytes, *, header: Header, frames: int, placement: Placement, quality: int | None, background: str
) -> bytes:
    """Make an animated WebP of an animation: upright, in sRGB, without metadata.

    Parameters
    ----------
    data
        The whole file.
    header
        What `imagekit.decode.inspect` said of it, its limits kept.
    frames
        What `frame_count` said of it.
    placement
        What part of the frames is shown, and how large.
    quality
        1 to 100; None for WebP's own choice.
    background
        The colour of the padding, `#rrggbb` or `#rrggbbaa`.

    Raises
    ------
    ImageRejected
        `IMAGE_TOO_LARGE` when the frames have too many pixels together, `UNREADABLE_IMAGE` when one of them is
        truncated or corrupt.
    """
    _check_pixels(frames * header.width * header.height, limit=MAX_DECODED_PIXELS, frames=frames)
    canvas = placement.canvas
    _check_pixels(frames * canvas.width * canvas.height, limit=MAX_WRITTEN_PIXELS, frames=frames)
    pictures, durations, plays = [], [], 0
    for frame in _decoded_frames(data, header=header, frames=frames):
        small = resize(frame.decoded.pixels, placement=placement, orientation=frame.decoded.orientation)
        picture = turn_upright(
            to_srgb(small, profile=frame.decoded.color_profile), orientation=frame.decoded.orientation
        )
        pictures.append(pad(picture, width=canvas.width, height=canvas.height, color=background))
        durations.append(frame.milliseconds)
        plays = frame.plays
    return encode_animation(pictures, milliseconds=durations, plays=plays, quality=quality)


def _check_pixels(pixels: int, *, limit: int, frames: int) -> None:
    if pixels > limit:
        detail = {"frames": frames, "pixelsOfAllFrames": pixels, "maxPixelsOfAllFrames": limit}
        raise ImageRejected(ImageFault.IMAGE_TOO_LARGE, detail=detail)


def _decoded_frames(data: bytes, *, header: Header, frames: int) -> Iterator[_Frame]:
    with rejecting_failures(header.type):
        image = Image.open(BytesIO(data), formats=[header.type])
        if image.size != (header.stored_width, header.stored_height):
            raise unreadable("header and image data disagree on the size")
        for number in range(frames):
            image.seek(number)
            image.load()
            yield _Frame(
                decoded=Decoded(
                    pixels=resizable(image),
                    orientation=header.orientation,
                    color_profile=image.info.get("icc_profile"),
                ),
                milliseconds=min(int(image.info.get("duration", 0)), _MAX_MILLISECONDS),
                plays=_plays(image),
            )


def _plays(image: Image.Image) -> int:
    loop = image.info.get("loop")
    if image.format != "GIF" or loop == 0:
        return int(loop or 0)
    # A GIF says how often it is repeated, and one that does not is played once.
    return 1 if loop is None else min(int(loop) + 1, _MAX_PLAYS)


def _frames_of(data: bytes, *, header: Header) -> Iterator[None]:
    if header.type is ImageType.GIF:
        return _gif_frames(data, header=header)
    if header.type is ImageType.WEBP:
        return _webp_frames(data)
    return iter(())


def _webp_frames(data: bytes) -> Iterator[None]:
    offset = 12
    while offset + 8 <= len(data):
        length = int.from_bytes(data[offset + 4 : offset + 8], "little")
        if data[offset : offset + 4] == b"ANMF":
            yield
        offset += 8 + length + length % 2


def _gif_frames(data: bytes, *, header: Header) -> Iterator[None]:
    # What is truncated ends the count: decoding finds it out.
    offset = _GIF_HEADER + _color_table_bytes(data[10])
    blocks = 0
    while offset < len(data) and data[offset] in (_GIF_EXTENSION, _GIF_IMAGE):
        if data[offset] == _GIF_EXTENSION:
            offset += 2
        else:
            descriptor = data[offset + 1 : offset + 10]
            if len(descriptor) < 9:
                return
            left, top, width, height = (int.from_bytes(descriptor[at : at + 2], "little") for at in range(0, 8, 2))
            if left + width > header.stored_width or top + height > header.stored_height:
                raise unreadable("a GIF with a frame larger than the first")
            yield
            offset += 11 + _color_table_bytes(descriptor[8])
        while offset < len(data) and data[offset]:
            offset += 1 + data[offset]
            blocks += 1
            if blocks > _GIF_MAX_BLOCKS:
                raise unreadable("a GIF of too many blocks")
        offset += 1


def _color_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
