"""Which parts of a video's file each chunk needs."""

from pathlib import Path

import av

from videokit.decoding import chunk_packets
from videokit.edits import is_fragmented
from videokit.faults import VideoFault, VideoRejected
from videokit.opening import picture_of, recorded
from videokit.parts import GAP, Part, merged
from videokit.plan import Plan

# Of the file: with fewer bytes to leave out, a whole download is as fast.
_WORTH_IT = 0.8


def needed_parts(path: Path, *, plan: Plan, gap: int = GAP) -> list[list[Part]] | None:
    """Read the packets of each chunk, and return the parts of the file that this reads, with those that opening reads.

    `gap`: bytes between two parts that are worth another request, 64 KiB or more: FFmpeg reads what is between nearer
    ones. Default: 1 MiB.

    Returns None if all are needed. To find a place in a film in fragments, FFmpeg reads what is before it.

    Raises
    ------
    VideoRejected
        DAMAGED, if a packet cannot be read.
    ChunkMismatchError
        If the container has no key frame where a chunk starts.
    """
    if is_fragmented(path):
        return None
    needed = []
    try:
        with recorded(path) as (container, reader):
            stream = picture_of(container)
            # Matroska's index is read by the first search.
            next(chunk_packets(container, stream=stream, chunk=plan.chunks[-1]))
            opening = reader.take_parts()
            # From the end, so that nothing of a chunk is still in FFmpeg's buffer from the one before.
            for chunk in reversed(plan.chunks):
                packets = [
                    (it.pos, it.pos + it.size)
                    for it in chunk_packets(container, stream=stream, chunk=chunk)
                    if it.pos is not None
                ]
                needed.append(merged([*opening, *packets, *reader.take_parts()], gap=gap))
    except av.FFmpegError as error:
        raise VideoRejected(VideoFault.DAMAGED) from error
    most = max(sum(end - start for start, end in parts) for parts in needed)
    needed.reverse()
    return needed if most < path.stat().st_size * _WORTH_IT else None
