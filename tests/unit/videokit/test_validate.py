"""A redacted video that is not what it must be is found before anybody gets it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import pytest
from av.packet import Packet
from tests.unit.videokit.redacting import LIMITS, planned, redacted
from tests.unit.videokit.videos import write_video

from videokit.faults import OutputFault, OutputInvalidError
from videokit.info import VideoInfo
from videokit.plan import Plan
from videokit.validate import validate, validate_decodable

Change: TypeAlias = "Callable[[str, int, Packet[Any]], Packet[Any] | None]"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A source, how it was planned, and what was made of it."""

    source: Path
    made: Path
    info: VideoInfo
    plan: Plan

    def fault(self, path: Path, *, plan: Plan | None = None, info: VideoInfo | None = None) -> OutputFault:
        """Return what is wrong with a file."""
        with pytest.raises(OutputInvalidError) as caught:
            validate(path, self.source, plan=plan or self.plan, info=info or self.info, limits=LIMITS)
        return caught.value.fault


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Redact a video of two seconds."""
    folder = tmp_path_factory.mktemp("video")
    source = write_video(folder / "source.mp4")
    info, whole = planned(source, seconds=0.5)
    return Case(source=source, made=redacted(source, folder / "made", seconds=0.5), info=info, plan=whole)


def changed(case: Case, path: Path, change: Change) -> Path:
    """Copy a redacted video, with each packet as `change(type, number, packet)` returns it, or without it."""
    with (
        av.open(str(case.made)) as container,
        av.open(str(path), "w", options={"video_track_timescale": "15360"}) as out,
    ):
        streams = {it.index: out.add_stream_from_template(it) for it in container.streams}
        numbers = {"video": -1, "audio": -1}
        for packet in container.demux():
            if packet.size:
                kind = packet.stream.type
                numbers[kind] += 1
                index = packet.stream_index
                if (made := change(kind, numbers[kind], packet)) is not None:
                    made.stream = streams[index]
                    out.mux_one(made)
    return path


def lose(kind: str, number: int) -> Change:
    return lambda is_kind, is_number, packet: None if (is_kind, is_number) == (kind, number) else packet


def test_what_was_made_is_valid(case: Case) -> None:
    validate(case.made, case.source, plan=case.plan, info=case.info, limits=LIMITS)


def test_a_copy_is_valid(case: Case, tmp_path: Path) -> None:
    copy = changed(case, tmp_path / "copy.mp4", lambda _kind, _number, packet: packet)
    validate(copy, case.source, plan=case.plan, info=case.info, limits=LIMITS)


@pytest.mark.parametrize("number", [1, 30, 59])
def test_a_missing_frame_is_found(case: Case, tmp_path: Path, number: int) -> None:
    assert case.fault(changed(case, tmp_path / "made.mp4", lose("video", number))) is OutputFault.FRAME_COUNT


def test_a_missing_first_key_frame_is_found(case: Case, tmp_path: Path) -> None:
    assert case.fault(changed(case, tmp_path / "made.mp4", lose("video", 0))) in {
        OutputFault.NO_IDR,
        OutputFault.UNREADABLE,
    }


@pytest.mark.parametrize("number", [1, 40, 93])
def test_a_missing_packet_of_sound_is_found(case: Case, tmp_path: Path, number: int) -> None:
    assert case.fault(changed(case, tmp_path / "made.mp4", lose("audio", number))) is OutputFault.SOUND


def test_another_byte_of_sound_is_found(case: Case, tmp_path: Path) -> None:
    def change(kind: str, number: int, packet: "Packet[Any]") -> "Packet[Any]":
        if (kind, number) != ("audio", 9):
            return packet
        other: Packet[Any] = av.Packet(bytes(packet)[:-1] + b"\x55")
        other.pts, other.dts, other.duration, other.time_base = (
            packet.pts,
            packet.dts,
            packet.duration,
            packet.time_base,
        )
        return other

    assert case.fault(changed(case, tmp_path / "made.mp4", change)) is OutputFault.SOUND


def test_another_time_is_found(case: Case, tmp_path: Path) -> None:
    def change(kind: str, number: int, packet: "Packet[Any]") -> "Packet[Any]":
        if (kind, number) == ("video", 30):
            packet.pts = packet.dts = (packet.pts or 0) + 1
        return packet

    assert case.fault(changed(case, tmp_path / "made.mp4", change)) is OutputFault.TIMESTAMPS


def test_another_duration_of_the_last_frame_is_found(case: Case) -> None:
    frames = [*case.plan.frames[:-1], replace(case.plan.frames[-1], duration=1)]
    assert case.fault(case.made, plan=replace(case.plan, frames=frames)) is OutputFault.TIMESTAMPS


def test_a_missing_track_of_sound_is_found(case: Case, tmp_path: Path) -> None:
    silent = redacted(write_video(tmp_path / "source.mp4", sound=None), tmp_path / "made")
    assert case.fault(silent) is OutputFault.STREAMS


@pytest.mark.parametrize(
    "other",
    [{"width": 162}, {"color_transfer": 6}, {"sample_aspect_ratio": Fraction(4, 3)}, {"matrix": (0,) * 9}],
)
def test_another_picture_is_found(case: Case, other: dict[str, object]) -> None:
    assert case.fault(case.made, info=replace(case.info, **other)) is OutputFault.PICTURE  # type: ignore[arg-type]


def test_a_file_that_cannot_be_read_is_found(case: Case, tmp_path: Path) -> None:
    broken = tmp_path / "made.mp4"
    broken.write_bytes(case.made.read_bytes()[:-400])
    assert case.fault(broken) is OutputFault.UNREADABLE


def test_a_chunk_with_a_broken_frame_is_found(case: Case) -> None:
    path = case.made.parent / "1.mp4"
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[at:] = b"\xaa" * (len(data) - at)
    broken = path.with_name("broken.mp4")
    broken.write_bytes(data)
    with pytest.raises(OutputInvalidError) as caught:
        validate_decodable(broken, chunk=case.plan.chunks[1])
    assert caught.value.fault is OutputFault.UNDECODABLE


def test_a_chunk_with_too_few_frames_is_found(case: Case) -> None:
    chunk = case.plan.chunks[1]
    with pytest.raises(OutputInvalidError) as caught:
        validate_decodable(case.made.parent / "1.mp4", chunk=replace(chunk, frames=chunk.frames + 1))
    assert caught.value.fault is OutputFault.FRAME_COUNT
