"""Videos of many chunks."""

from pathlib import Path

import av
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import write_video

from videokit.chunks import redact_chunk
from videokit.join import join
from videokit.plan import Chunk, Frame, Plan

CHUNKS = 1000


def test_a_thousand_chunks_are_joined_in_their_order(tmp_path: Path) -> None:
    source, made, joined = tmp_path / "source.mp4", tmp_path / "chunk.mp4", tmp_path / "joined.mp4"
    write_video(source, frames=3, sound=None)
    info, plan = planned(source, seconds=1)
    (chunk,) = plan.chunks
    redact_chunk(source, made, chunk=chunk, info=info, frames=plan.frames, covers={})
    tick = plan.frames[1].pts - plan.frames[0].pts
    starts = range(0, (CHUNKS + 1) * 3 * tick, 3 * tick)
    many = Plan(
        frames=[Frame(pts=number * tick, duration=tick) for number in range(3 * CHUNKS)],
        chunks=[
            Chunk(
                number=number,
                decode_from=starts[number],
                packets=3,
                start=starts[number],
                end=starts[number + 1],
                first=3 * number,
                frames=3,
            )
            for number in range(CHUNKS)
        ],
    )
    join([made] * CHUNKS, source, joined, plan=many, info=info)
    with av.open(str(joined)) as container:
        assert [it.pts for it in container.demux(video=0) if it.size] == [it.pts for it in many.frames]
