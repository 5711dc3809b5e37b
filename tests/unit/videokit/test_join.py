"""Chunks that do not fit together are no video."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest
from tests.unit.videokit.redacting import planned, redacted
from tests.unit.videokit.videos import H264_OPEN, write_video

from videokit.chunks import redact_chunk
from videokit.faults import ChunkMismatchError, VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.join import join
from videokit.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Case:
    """A source in four chunks, and what is made of each."""

    source: Path
    chunks: Sequence[Path]
    info: VideoInfo
    plan: Plan

    def refuses(self, chunks: Sequence[Path], folder: Path) -> str:
        """Return why chunks are not joined. No file is left."""
        made = folder / "made.mp4"
        with pytest.raises(ChunkMismatchError) as caught:
            join(chunks, self.source, made, plan=self.plan, info=self.info)
        assert not made.exists()
        return str(caught.value)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Redact a video in chunks of half a second."""
    folder = tmp_path_factory.mktemp("video")
    source = write_video(folder / "source.mp4", options=H264_OPEN)
    info, whole = planned(source, seconds=0.5)
    redacted(source, folder / "made", seconds=0.5)
    chunks = [folder / "made" / f"{it.number}.mp4" for it in whole.chunks]
    return Case(source=source, chunks=chunks, info=info, plan=whole)


def test_a_missing_chunk_is_a_mismatch(case: Case, tmp_path: Path) -> None:
    assert "3 chunks instead of 4" in case.refuses(case.chunks[:3], tmp_path)


def test_chunks_of_other_times_are_a_mismatch(case: Case, tmp_path: Path) -> None:
    info, whole = planned(case.source, seconds=1)
    chunk = whole.chunks[1]
    longer = tmp_path / "longer.mp4"
    redact_chunk(case.source, longer, chunk=chunk, info=info, frames=whole.frames_of(chunk), covers={})
    assert "not the planned ones" in case.refuses([*case.chunks[:2], longer, case.chunks[3]], tmp_path)


def test_other_parameter_sets_are_a_mismatch(case: Case, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    chunk = case.plan.chunks[2]
    info = replace(case.info, color_transfer=6)
    redact_chunk(case.source, other, chunk=chunk, info=info, frames=case.plan.frames_of(chunk), covers={})
    assert "other parameter sets" in case.refuses([*case.chunks[:2], other, case.chunks[3]], tmp_path)


def test_all_chunks_start_with_an_idr_picture_and_one_set_of_parameters(case: Case) -> None:
    parameters = set()
    for path in case.chunks:
        with av.open(str(path)) as container:
            parameters.add(container.streams.video[0].codec_context.extradata)
            packet = next(container.demux(video=0))
            assert packet.is_keyframe
    assert len(parameters) == 1


def test_decoding_times_rise_and_equal_the_times_of_display(case: Case) -> None:
    with av.open(str(case.source.parent / "made" / "redacted.mp4")) as container:
        times = [(it.dts, it.pts) for it in container.demux(video=0) if it.size]
    assert times == sorted(times)
    assert all(dts == pts for dts, pts in times)


def test_a_chunk_that_cannot_be_made_leaves_no_file(case: Case, tmp_path: Path) -> None:
    made = tmp_path / "chunk.mp4"
    chunk = replace(case.plan.chunks[1], frames=9)
    with pytest.raises(ChunkMismatchError):
        redact_chunk(case.source, made, chunk=chunk, info=case.info, frames=case.plan.frames_of(chunk), covers={})
    assert not made.exists()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_that_starts_within_an_open_group_begins_at_its_first_key_frame(tmp_path: Path, suffix: str) -> None:
    """As players cut films without encoding them again: the leading pictures of the first group need what is gone."""
    whole, source = write_video(tmp_path / f"whole{suffix}", options=H264_OPEN, sound=None), tmp_path / f"cut{suffix}"
    with av.open(str(whole)) as container, av.open(str(source), "w") as output:
        stream = output.add_stream_from_template(container.streams.video[0])
        keys = 0
        for packet in container.demux(video=0):
            keys += packet.is_keyframe
            if packet.size and keys > 1 and packet.dts is not None:
                packet.stream = stream
                output.mux_one(packet)
    info, planned_frames = planned(source, seconds=0.5)
    made = redacted(source, tmp_path / "made", seconds=0.5)
    assert info.width == 160
    with av.open(str(made)) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(planned_frames.frames) == 45


def test_a_video_that_does_not_fit_into_the_storage_is_too_large(case: Case, tmp_path: Path) -> None:
    full = tmp_path / "made.mp4"
    # A link, because what cannot be written is unlinked.
    full.symlink_to("/dev/full")
    with pytest.raises(VideoRejected) as caught:
        join(case.chunks, case.source, full, plan=case.plan, info=case.info)
    assert caught.value.reason is VideoFault.TOO_LARGE
    assert not full.is_symlink()
