"""Redact one chunk of a video."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from imagekit.geometry import Box
from videokit.cells import Cells
from videokit.decoding import decoded
from videokit.faults import ChunkMismatchError, VideoFault, VideoRejected
from videokit.info import Container, VideoInfo
from videokit.muxing import UNWRITABLE, muxer_options
from videokit.painting import PixelBox, cover, pixel_box
from videokit.parts import Source
from videokit.plan import Chunk, Frame

# The same for every chunk, so that all have the same parameter sets. Without B-frames, frames are stored in the order
# of display, so that joined chunks need no other timestamps; with two of them, a file of bench/redaction/video.py is a
# fifth smaller and takes a quarter longer. `subme` 1 takes a third less time than veryfast's 2, at the same quality a
# byte. `me` dia, no weights and no smaller partitions of a macroblock take a quarter less again. Every chunk starts
# with an IDR picture.
_X264 = {
    "bframes": 0,
    "subme": 1,
    "me": "dia",
    "weightp": 0,
    "partitions": "none",
    "scenecut": 0,
    "open-gop": 0,
    "keyint": 250,
    "threads": 1,
    "lookahead-threads": 1,
    "rc-lookahead": 10,
    "force-cfr": 0,
}
_OPTIONS = {
    # Closed captions of the source are no picture.
    "a53cc": "0",
    "preset": "veryfast",
    "crf": "20",
    "x264-params": ":".join(f"{name}={value}" for name, value in _X264.items()),
}


@dataclass(frozen=True, kw_only=True)
class Mosaic:
    """A box in the upright frame that the cells of its track cover."""

    box: Box
    cells: Cells


def redact_chunk(
    source: Source,
    destination: Path,
    *,
    chunk: Chunk,
    info: VideoInfo,
    frames: Sequence[Frame],
    covers: Mapping[int, Sequence[Box | Mosaic]],
) -> None:
    """Decode a chunk, cover its boxes, and encode it as H.264 in an MP4 of its own.

    The encoder is x264, whose licence is the GPL: it is in PyAV's wheel, which your own build puts into a layer.

    Parameters
    ----------
    frames
        The chunk's frames, as planned.
    covers
        Boxes in the upright frame, by the pts of the frame. They are filled, if they are not mosaics.

    Raises
    ------
    VideoRejected
        As `decoded` does, and DAMAGED if the container cannot hold its times.
    ChunkMismatchError
        If the number of frames, or a timestamp, is not as planned, and the source is not known to be the cause.

    No file is left after either.
    """
    try:
        with av.open(str(destination), "w", format="mp4", options=muxer_options(Container.MP4, info=info)) as output:
            stream = _add_picture(output, info=info)
            _encode(source, output, stream=stream, chunk=chunk, info=info, frames=frames, covers=covers)
    except BaseException as error:
        destination.unlink(missing_ok=True)
        if isinstance(error, UNWRITABLE):
            raise VideoRejected(VideoFault.DAMAGED, detail={"chunk": chunk.number}) from error
        raise


def _add_picture(output: OutputContainer, *, info: VideoInfo) -> VideoStream:
    stream = output.add_stream("libx264", rate=info.frame_rate, options=_OPTIONS)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = info.width, info.height, info.pixel_format
    context.time_base = stream.time_base = info.time_base
    context.thread_count = 1
    context.color_range, context.color_primaries = info.color_range, info.color_primaries
    context.color_trc, context.colorspace = info.color_transfer, info.color_matrix
    if info.sample_aspect_ratio:
        context.sample_aspect_ratio = info.sample_aspect_ratio
    return stream


def _encode(
    source: Source,
    output: OutputContainer,
    *,
    stream: VideoStream,
    chunk: Chunk,
    info: VideoInfo,
    frames: Sequence[Frame],
    covers: Mapping[int, Sequence[Box | Mosaic]],
) -> None:
    durations = {frame.pts - chunk.start: frame.duration for frame in frames}
    written = 0
    end_of_stream = [None]
    packets = (
        packet
        for frame in chain(_covered(source, chunk=chunk, info=info, frames=frames, covers=covers), end_of_stream)
        for packet in stream.encode(frame)
    )
    for packet in packets:
        if packet.pts not in durations or packet.pts != packet.dts:
            raise ChunkMismatchError(f"Chunk {chunk.number} has a frame at {packet.pts}, which is not planned.")
        packet.duration = durations[packet.pts]
        output.mux(packet)
        written += 1
    if written != chunk.frames:
        raise ChunkMismatchError(f"Chunk {chunk.number} was encoded to {written} frames instead of {chunk.frames}.")


def _covered(
    source: Source,
    *,
    chunk: Chunk,
    info: VideoInfo,
    frames: Sequence[Frame],
    covers: Mapping[int, Sequence[Box | Mosaic]],
) -> Iterator[VideoFrame]:
    for pts, frame in decoded(source, chunk=chunk, info=info, frames=frames):
        if here := [stored for it in covers.get(pts, ()) if (stored := _stored(it, info=info))]:
            frame.make_writable()
            cover(frame, here)
        frame.pts = pts - chunk.start
        frame.time_base = info.time_base
        # The encoder chooses the types of its pictures.
        frame.pict_type = PictureType.NONE
        yield frame


def _stored(it: Box | Mosaic, *, info: VideoInfo) -> tuple[PixelBox, Cells | None] | None:
    box, cells = (it.box, it.cells) if isinstance(it, Mosaic) else (it, None)
    placed = pixel_box(box, orientation=info.orientation, width=info.width, height=info.height)
    return None if placed is None else (placed, cells)
