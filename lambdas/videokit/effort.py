"""Whether every chunk of a video can be made in the time that a function has."""

from itertools import islice
from pathlib import Path
from time import process_time

import av

from videokit.decoding import chunk_packets
from videokit.faults import VideoFault, VideoRejected
from videokit.opening import opened, picture_of
from videokit.plan import Plan

_SAMPLE = 60
"""Packets that are decoded to measure how fast that is."""


def validate_effort(path: Path, *, plan: Plan, max_seconds: float) -> None:
    """Measure how long decoding takes, and validate that no chunk needs too long to get from its key frame to its end.

    `max_seconds`: processor seconds for decoding one chunk.

    Raises
    ------
    VideoRejected
        KEY_FRAMES_TOO_FAR, or DAMAGED if the first frames cannot be decoded.
    """
    first, longest = plan.chunks[0], max(it.packets for it in plan.chunks)
    sample = min(_SAMPLE, first.packets)
    try:
        with opened(path) as container:
            stream = picture_of(container)
            stream.codec_context.thread_count = 1
            start = process_time()
            for packet in islice(chunk_packets(container, stream=stream, chunk=first), sample):
                packet.decode()
            seconds = (process_time() - start) / sample
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error
    if longest * seconds > max_seconds:
        detail = {"frames": longest, "max_frames": int(max_seconds / seconds)}
        raise VideoRejected(VideoFault.KEY_FRAMES_TOO_FAR, detail=detail)
