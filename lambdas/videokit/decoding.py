"""Decode the frames of a chunk."""

from collections.abc import Iterator, Sequence, Set
from itertools import dropwhile, islice

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from videokit.faults import ChunkMismatchError, VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.opening import opened, pass_over_others, picture_of
from videokit.parts import Source
from videokit.plan import Chunk, Frame


def decoded(
    source: Source, *, chunk: Chunk, info: VideoInfo, frames: Sequence[Frame]
) -> Iterator[tuple[int, VideoFrame]]:
    """Decode the visible frames of a chunk, in the order of display, each with its pts.

    Decoding goes on behind the chunk's end as far as frames are stored after the next key frame and shown before it.
    Nothing is read behind them.

    `frames`: the chunk's frames, as planned.

    Raises
    ------
    VideoRejected
        SIZE_CHANGES, INTERLACED, or DAMAGED if a packet cannot be decoded or becomes no frame or two. A decoder that
        starts at a false key frame drops what needs the frames before it, without an error.
    ChunkMismatchError
        If the packets are not the planned ones. Another download can cure that.
    """
    planned = [frame.pts for frame in frames]
    read: set[int] = set()
    count = 0
    with opened(source) as container:
        stream = picture_of(container)
        # One processor has one thread. More than one changes neither frames nor their order.
        stream.codec_context.thread_count = 1
        for frame in _frames(container, stream=stream, chunk=chunk, read=read):
            if frame.pts is None:
                raise VideoRejected(VideoFault.NO_TIMESTAMPS)
            if chunk.end is not None and frame.pts >= chunk.end:
                break
            if frame.pts >= chunk.start:
                _validate(frame, info=info)
                if count == len(planned) or frame.pts != planned[count]:
                    raise _unexpected(frame.pts, chunk=chunk, planned=planned, count=count, read=read)
                count += 1
                yield frame.pts, frame
    if count < len(planned):
        raise _missing(planned[count], chunk=chunk, read=read)


def _unexpected(pts: int, *, chunk: Chunk, planned: Sequence[int], count: int, read: Set[int]) -> Exception:
    if pts in planned[count:]:
        return _missing(planned[count], chunk=chunk, read=read)
    if pts in planned:
        return VideoRejected(VideoFault.DAMAGED, detail={"doubled_pts": pts})
    return ChunkMismatchError(f"Chunk {chunk.number} has a frame at {pts}, which is not planned.")


def _missing(pts: int, *, chunk: Chunk, read: Set[int]) -> Exception:
    if pts in read:
        return VideoRejected(VideoFault.DAMAGED, detail={"missing_pts": pts})
    return ChunkMismatchError(f"Chunk {chunk.number} has no packet at {pts}, which is planned.")


def _frames(container: InputContainer, *, stream: VideoStream, chunk: Chunk, read: set[int]) -> Iterator[VideoFrame]:
    """Decode the packets of a chunk, and add the pts of each to `read`."""
    try:
        for packet in chunk_packets(container, stream=stream, chunk=chunk):
            if packet.pts is not None:
                read.add(packet.pts)
            yield from packet.decode()
        yield from stream.decode(None)
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error


def chunk_packets(container: InputContainer, *, stream: VideoStream, chunk: Chunk) -> Iterator["Packet[VideoStream]"]:
    """Demux the packets that a chunk is decoded from, and read nothing behind them.

    Raises
    ------
    ChunkMismatchError
        If the container has no key frame where the chunk starts.
    """
    pass_over_others(container, kept=stream)
    container.seek(chunk.decode_from, stream=stream, backward=True)
    found = dropwhile(
        lambda it: not (it.is_keyframe and it.pts == chunk.decode_from),
        (it for it in container.demux(stream) if it.size),
    )
    count = 0
    for count, packet in enumerate(islice(found, chunk.packets), start=1):  # noqa: B007 - counted
        yield packet
    if not count:
        raise ChunkMismatchError(f"There is no key frame at {chunk.decode_from}.")


def _validate(frame: VideoFrame, *, info: VideoInfo) -> None:
    if (frame.width, frame.height, frame.format.name) != (info.width, info.height, info.pixel_format):
        raise VideoRejected(VideoFault.SIZE_CHANGES)
    if frame.interlaced_frame:
        raise VideoRejected(VideoFault.INTERLACED)
    if frame.is_corrupt:
        raise VideoRejected(VideoFault.DAMAGED, detail={"pts": frame.pts})
