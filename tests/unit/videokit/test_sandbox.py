"""A hostile file can crash only the child that reads it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.videokit import sandboxed
from tests.unit.videokit.redacting import LIMITS, planned
from tests.unit.videokit.videos import write_video

from videokit.chunks import redact_chunk
from videokit.faults import ChunkMismatchError, OutputFault, OutputInvalidError, VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe
from videokit.sandbox import ProcessLimits, SandboxFailedError, SharedLimits, run_in_sandbox
from videokit.validate import validate_decodable

SMALL = ProcessLimits(max_memory=200_000_000, max_seconds=1)


def test_a_child_returns_what_the_function_returns() -> None:
    assert run_in_sandbox(sandboxed.echo, {"value": [1, "two", None]}, limits=SMALL) == [1, "two", None]


def test_a_child_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    names = run_in_sandbox(sandboxed.environment, {}, limits=SMALL)
    assert not [it for it in names if it.startswith("AWS")]


def test_what_a_decoder_prints_is_no_answer() -> None:
    assert run_in_sandbox(sandboxed.print_much, {}, limits=SMALL) == "answer"


@pytest.mark.parametrize(
    ("function", "fault"),
    [
        (sandboxed.crash, VideoFault.DAMAGED),
        (sandboxed.fill_memory, VideoFault.TOO_LARGE),
        (sandboxed.run_forever, VideoFault.TOO_LARGE),
    ],
)
def test_what_a_file_causes_is_a_rejection(function: Callable[[], object], fault: VideoFault) -> None:
    with pytest.raises(VideoRejected) as caught:
        run_in_sandbox(function, {}, limits=SMALL)
    assert caught.value.reason is fault


@pytest.mark.parametrize("function", [sandboxed.fail, sandboxed.be_killed])
def test_any_other_fault_is_none_of_the_file(function: Callable[[], object]) -> None:
    with pytest.raises(SandboxFailedError):
        run_in_sandbox(function, {}, limits=SMALL)


def test_rejections_pass_with_their_detail(tmp_path: Path) -> None:
    path = write_video(tmp_path / "ten.mp4", pixel_format="yuv420p10le", frames=2)
    with pytest.raises(VideoRejected) as caught:
        run_in_sandbox(probe, {"path": path, "limits": LIMITS}, limits=ProcessLimits())
    assert caught.value.reason is VideoFault.HIGH_BIT_DEPTH


def test_a_video_is_probed_planned_and_redacted_in_children(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=30)
    limits = ProcessLimits()
    info = VideoInfo.from_json(run_in_sandbox(probe, {"path": source, "limits": LIMITS}, limits=limits))
    arguments = {"path": source, "info": info, "seconds": 0.5}
    whole = Plan.from_json(run_in_sandbox(plan_of, arguments, limits=limits))
    assert (info, whole) == planned(source, seconds=0.5)
    part, chunk = tmp_path / "1.mp4", whole.chunks[1]
    frames = whole.frames_of(chunk)
    redact = {"source": source, "destination": part, "chunk": chunk, "info": info, "frames": frames, "covers": {}}
    run_in_sandbox(redact_chunk, redact, limits=limits)
    run_in_sandbox(validate_decodable, {"path": part, "chunk": chunk}, limits=limits)
    with pytest.raises(OutputInvalidError) as caught:
        run_in_sandbox(validate_decodable, {"path": part, "chunk": replace(chunk, frames=9)}, limits=limits)
    assert caught.value.fault is OutputFault.FRAME_COUNT
    with pytest.raises(ChunkMismatchError):
        run_in_sandbox(redact_chunk, redact | {"chunk": replace(chunk, frames=9)}, limits=limits)


def test_children_of_one_call_share_its_processor_time() -> None:
    shared = SharedLimits(ProcessLimits(max_seconds=30))
    before = shared.rest().max_seconds
    with pytest.raises(VideoRejected):
        run_in_sandbox(sandboxed.run_forever, {}, limits=ProcessLimits(max_seconds=2))
    assert before == 30
    assert shared.rest().max_seconds <= 28


def test_a_child_has_a_second_in_any_case() -> None:
    assert SharedLimits(ProcessLimits(max_seconds=0)).rest().max_seconds == 1
