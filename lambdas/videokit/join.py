"""Join redacted chunks and the source's sound into one video, without decoding anything."""

from collections.abc import Iterator, Sequence
from errno import ENOSPC
from heapq import merge
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from videokit.faults import ChunkMismatchError, VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.muxing import UNWRITABLE, muxer_options
from videokit.opening import opened, picture_of
from videokit.plan import Plan
from videokit.sound import sound_of, sound_packets
from videokit.sound_header import header_of_sound


def join(chunks: Sequence[Path], source: Path, destination: Path, *, plan: Plan, info: VideoInfo) -> None:
    """Write the picture of all chunks, in their order, and the sound of the source.

    Nothing else of the source passes: no other streams, no metadata, no chapters.

    `chunks`: one for each chunk of the plan, in its order.

    Raises
    ------
    ChunkMismatchError
        If a chunk is missing, has other parameter sets than the first, does not start with a key frame, or its frames
        are not the planned ones. No file is left.
    VideoRejected
        DAMAGED, if the source's sound cannot be read, or the container cannot hold its times. TOO_LARGE, if the storage
        is full.
    """
    if len(chunks) != len(plan.chunks):
        raise ChunkMismatchError(f"There are {len(chunks)} chunks instead of {len(plan.chunks)}.")
    try:
        with (
            opened(chunks[0]) as first,
            opened(source) as whole,
            _created(destination, info=info, source=whole) as output,
        ):
            picture = _add_picture(output, template=picture_of(first), info=info)
            sound = sound_of(whole)
            heard = None if sound is None else _add_sound(output, template=sound)
            output.metadata.clear()
            packets: list[Iterator[Packet[Any]]] = [_picture_packets(chunks, plan=plan, info=info, stream=picture)]
            if heard is not None:
                packets.append(_with_stream(sound_packets(source), stream=heard))
            for packet in merge(*packets, key=_seconds):
                output.mux_one(packet)
    except BaseException as error:
        destination.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno == ENOSPC:
            # Chunks and source are there, so it is the sound that is too much.
            raise VideoRejected(VideoFault.TOO_LARGE, detail={"file": "joined"}) from error
        if isinstance(error, UNWRITABLE):
            # The times of the picture have been written once, by the chunks.
            raise VideoRejected(VideoFault.DAMAGED, detail={"stream": "audio"}) from error
        raise


def _created(destination: Path, *, info: VideoInfo, source: InputContainer) -> OutputContainer:
    sound = sound_of(source)
    ticks = sound.time_base.denominator if sound and sound.time_base else 1
    options = muxer_options(info.container, info=info, sound_ticks=ticks)
    return av.open(str(destination), "w", format=info.container.value, options=options)


def _add_picture(output: OutputContainer, *, template: VideoStream, info: VideoInfo) -> VideoStream:
    stream = output.add_stream_from_template(template)
    stream.time_base, stream.framerate = info.time_base, info.frame_rate
    stream.metadata.clear()
    if info.matrix:
        stream.set_display_matrix(info.matrix)
    return stream


def _add_sound(output: OutputContainer, *, template: AudioStream) -> AudioStream:
    stream = output.add_stream_from_template(template)
    stream.codec_context.extradata = header_of_sound(template)
    stream.metadata.clear()
    return stream


def _picture_packets(
    chunks: Sequence[Path], *, plan: Plan, info: VideoInfo, stream: VideoStream
) -> Iterator["Packet[Any]"]:
    for path, chunk in zip(chunks, plan.chunks, strict=True):
        frames = plan.frames_of(chunk)
        with opened(path) as container:
            picture = picture_of(container)
            if picture.codec_context.extradata != stream.codec_context.extradata:
                raise ChunkMismatchError(f"Chunk {chunk.number} has other parameter sets than the first chunk.")
            packets = [it for it in container.demux(picture) if it.size]
            if [it.pts for it in packets] != [it.pts - chunk.start for it in frames] or not packets[0].is_keyframe:
                raise ChunkMismatchError(f"The frames of chunk {chunk.number} are not the planned ones.")
            for packet, frame in zip(packets, frames, strict=True):
                packet.pts = packet.dts = frame.pts
                packet.duration = frame.duration
                packet.time_base = info.time_base
                packet.stream = stream
                yield packet


def _with_stream(packets: Iterator["Packet[AudioStream]"], *, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    for packet in packets:
        packet.stream = stream
        yield packet


def _seconds(packet: "Packet[Any]") -> float:
    return float((packet.pts or 0) * packet.time_base)
