"""A chunk is made of the parts of a file that it needs, and of nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import H264, H264_OPEN, HEVC_OPEN, write_video

from videokit.chunks import redact_chunk
from videokit.decoding import decoded
from videokit.faults import ChunkMismatchError
from videokit.info import VideoInfo
from videokit.needed import needed_parts
from videokit.parts import Part, Partial, Source, merged
from videokit.plan import Chunk, Plan

# Large frames and much sound, so that a chunk is much longer than what a reader takes at once.
LARGE: Mapping[str, object] = {"frames": 150, "width": 480, "height": 320, "sound": "pcm_s16le"}
SHARP = {"crf": "3"}
KINDS: Mapping[str, Mapping[str, object]] = {
    "end.mov": {"options": H264 | SHARP},
    "start.mov": {"options": H264_OPEN | SHARP, "container": {"movflags": "+faststart"}},
    "HEVC.mkv": {"codec": "libx265", "options": HEVC_OPEN | SHARP},
    "open GOP.mkv": {"options": H264_OPEN | SHARP},
}


@pytest.fixture(scope="module", params=list(KINDS))
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return write_video(folder / request.param, **{**LARGE, **KINDS[request.param]})  # type: ignore[arg-type]


def parts_of(film: Path, *, gap: int) -> tuple[VideoInfo, Plan, Sequence[Sequence[Part]]]:
    info, plan = planned(film, seconds=0.5)
    needed = needed_parts(film, plan=plan, gap=gap)
    assert needed is not None
    return info, plan, needed


def sparse(film: Path, folder: Path, *, parts: Sequence[Part]) -> Partial:
    """Copy parts of a file to their places in an empty one of the same length."""
    data, path = film.read_bytes(), folder / "sparse"
    with path.open("wb") as file:
        file.truncate(len(data))
        for start, end in parts:
            file.seek(start)
            file.write(data[start:end])
    return Partial(path=path, parts=tuple(parts))


def pictures(source: Source, *, chunk: Chunk, info: VideoInfo, plan: Plan) -> list[tuple[int, bytes]]:
    frames = decoded(source, chunk=chunk, info=info, frames=plan.frames_of(chunk))
    return [(pts, frame.to_ndarray().tobytes()) for pts, frame in frames]


def test_a_chunk_of_its_parts_has_the_frames_of_the_whole(film: Path, tmp_path: Path) -> None:
    info, plan, needed = parts_of(film, gap=2**16)
    assert len(plan.chunks) == 10
    for chunk, parts in zip(plan.chunks, needed, strict=True):
        partial = sparse(film, tmp_path, parts=parts)
        there = pictures(partial, chunk=chunk, info=info, plan=plan)
        assert there == pictures(film, chunk=chunk, info=info, plan=plan)
        assert len(there) == 15


def test_a_chunk_needs_its_share_of_the_file(film: Path) -> None:
    _, _, needed = parts_of(film, gap=2**16)
    size = film.stat().st_size
    # A tenth, what opening reads, and the group before where a chunk starts within one.
    assert max(sum(end - start for start, end in parts) for parts in needed) < 0.45 * size


def test_a_byte_that_is_not_here_is_never_a_black_frame(film: Path, tmp_path: Path) -> None:
    info, plan, needed = parts_of(film, gap=2**16)
    partial = sparse(film, tmp_path, parts=needed[2])
    with pytest.raises(ChunkMismatchError, match="not here"):
        pictures(partial, chunk=plan.chunks[7], info=info, plan=plan)


def test_a_chunk_that_reads_what_is_not_here_leaves_no_file(film: Path, tmp_path: Path) -> None:
    info, plan, needed = parts_of(film, gap=2**16)
    partial, chunk, made = sparse(film, tmp_path, parts=needed[2]), plan.chunks[7], tmp_path / "chunk.mp4"
    with pytest.raises(ChunkMismatchError):
        redact_chunk(partial, made, chunk=chunk, info=info, frames=plan.frames_of(chunk), covers={})
    assert not made.exists()


def test_of_a_film_in_fragments_and_of_a_short_one_all_is_needed(tmp_path: Path) -> None:
    fragments = write_video(tmp_path / "fragments.mp4", container={"movflags": "frag_keyframe+empty_moov"})
    short = write_video(tmp_path / "short.mp4")
    for path in (fragments, short):
        assert needed_parts(path, plan=planned(path, seconds=0.5)[1]) is None


def test_near_parts_are_one() -> None:
    assert merged([(10, 20), (0, 5), (15, 30), (40, 50)], gap=9) == [(0, 30), (40, 50)]
