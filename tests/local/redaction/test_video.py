"""Videos that are redacted in the emulator, with a detector in the functions."""

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from tests.local.delivery.deployments import deploy
from tests.local.emulator_clients import RuleQueue, wait_until
from tests.local.redaction.moving_face import inner_face, picture, write_moving_face

from safelight.core.models import model_folder
from safelight_contracts.redaction.reviews import (
    MAX_SHEET_WIDTH,
    REVIEWS,
    VideoReview,
    after_key,
    before_key,
    boxes_key,
    review_prefix,
)
from safelight_contracts.redaction.videos import SOURCE, WORK, source_of
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator
from visionkit.faces import find_faces

APP = Path(__file__).with_name("video_app.py")
SECONDS = 30
ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """The deployed app. `machines`: ARNs of the state machines, by the ids of the constructs."""

    endpoints: Endpoints
    source: str
    destination: str
    work: dict[str, str]
    machines: dict[str, str]

    def put(self, key: str, body: bytes) -> None:
        self.endpoints.s3.put_object(Bucket=self.source, Key=key, Body=body)

    def execution_of(self, key: str, *, construct: str = "Videos") -> dict[str, Any]:
        """The first execution for a key, when it has ended."""
        wait_until(lambda: bool(self.ended(key, construct=construct)))
        return self.ended(key, construct=construct)[0]

    def ended(self, key: str, *, construct: str = "Videos") -> list[dict[str, Any]]:
        """The executions for a key that have ended, oldest first."""
        pages = self.endpoints.stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self.machines[construct]
        )
        found = [it for page in pages for it in page["executions"] if it["status"] in ENDED]
        described: list[dict[str, Any]] = [
            dict(self.endpoints.stepfunctions.describe_execution(executionArn=it["executionArn"])) for it in found
        ]
        mine = [it for it in described if json.loads(it["input"])["detail"]["object"]["key"] == key]
        return sorted(mine, key=lambda it: it["startDate"])

    def keys(self, bucket: str) -> list[str]:
        return [it["Key"] for it in self.endpoints.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture(scope="module")
def redaction(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Redaction:
    made = deploy(APP, stack="Redaction", endpoints=emulator.endpoints, folder=tmp_path_factory.mktemp("app"))
    outputs = {name[:-8]: value for name, value in made.outputs.items()}
    return Redaction(
        endpoints=emulator.endpoints,
        source=made.physical["Uploads"],
        destination=made.physical["Redacted"],
        work={name: made.physical[f"{name}Work"] for name in ("Videos", "Blind")},
        machines={name: outputs[f"{name}VideoRedactionArn"] for name in ("Videos", "Blind")},
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A video that was redacted: its source, the result, the object's metadata, and the execution."""

    source: Path
    result: Path
    metadata: dict[str, str]
    execution: dict[str, Any]


@pytest.fixture(scope="module")
def made(redaction: Redaction, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("videos")
    source = write_moving_face(folder / "source.mp4", seconds=SECONDS)
    redaction.put("videos/face.mp4", source.read_bytes())
    execution = redaction.execution_of("videos/face.mp4")
    assert execution["status"] == "SUCCEEDED", execution
    answer = redaction.endpoints.s3.get_object(Bucket=redaction.destination, Key="videos/face.mp4")
    result = folder / "result.mp4"
    result.write_bytes(answer["Body"].read())
    return Made(source=source, result=result, metadata=answer["Metadata"], execution=execution)


def pictures(path: Path) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            yield frame.pts, frame.to_ndarray(format="rgb24")


def sound(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def test_a_video_goes_through_in_chunks(redaction: Redaction, made: Made) -> None:
    assert json.loads(made.execution["output"])["status"] == "REDACTED"
    runs = redaction.endpoints.stepfunctions.list_map_runs(executionArn=made.execution["executionArn"])["mapRuns"]
    counts = [
        redaction.endpoints.stepfunctions.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"] for run in runs
    ]
    assert [(it["total"], it["succeeded"]) for it in counts] == [(3, 3), (3, 3)]


def test_frames_and_sound_are_those_of_the_source(made: Made) -> None:
    assert [pts for pts, _ in pictures(made.result)] == [pts for pts, _ in pictures(made.source)]
    assert sound(made.result) == sound(made.source)


def test_the_face_is_covered_in_every_frame(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])
    for number, (_, pixels) in enumerate(pictures(made.result)):
        rows, columns = inner_face(number)
        # A fill is flat: an encoder changes it by a few levels. The face is not.
        assert pixels[rows, columns].std(axis=(0, 1)).max() < 6, number
        assert picture(number)[rows, columns].std(axis=(0, 1)).max() > 20
        if number % 10 == 0:
            assert not find_faces(pixels[:, :, ::-1], min_score=0.4).found, number


def test_the_object_names_its_source_and_nothing_private_is_left(redaction: Redaction, made: Made) -> None:
    there = redaction.endpoints.s3.head_object(Bucket=redaction.source, Key="videos/face.mp4")
    etag = there["ETag"].strip('"')
    assert etag == hashlib.md5(made.source.read_bytes(), usedforsecurity=False).hexdigest()
    assert made.metadata[SOURCE] == source_of(etag=etag, version_id=there.get("VersionId"))
    assert etag not in str(made.metadata)
    assert all(key.startswith(REVIEWS) for key in redaction.keys(redaction.work["Videos"]))


def test_boxes_and_sheets_are_kept_for_review(redaction: Redaction, made: Made) -> None:
    s3, bucket = redaction.endpoints.s3, redaction.work["Videos"]
    key = "videos/face.mp4"
    review = VideoReview.from_json(json.loads(s3.get_object(Bucket=bucket, Key=boxes_key(key))["Body"].read()))
    assert review.is_of(made.metadata)
    # The face is there all the time.
    assert len(review.frames) == len(list(pictures(made.source)))
    assert review.tracks >= 1
    for name in (before_key(key), after_key(key)):
        sheet = s3.get_object(Bucket=bucket, Key=name)
        assert review.is_of(sheet["Metadata"])
        with Image.open(BytesIO(sheet["Body"].read())) as picture:
            assert (picture.format, picture.width <= MAX_SHEET_WIDTH) == ("JPEG", True)
    assert redaction.keys(redaction.destination) == [key]


def test_a_duplicate_event_writes_nothing(redaction: Redaction, made: Made) -> None:
    before = redaction.endpoints.s3.head_object(Bucket=redaction.destination, Key="videos/face.mp4")
    again = redaction.endpoints.stepfunctions.start_execution(
        stateMachineArn=redaction.machines["Videos"], input=made.execution["input"]
    )["executionArn"]
    wait_until(lambda: len(redaction.ended("videos/face.mp4")) > 1)
    (ended,) = [it for it in redaction.ended("videos/face.mp4") if it["executionArn"] == again]
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"status": "ALREADY_REDACTED"})
    after = redaction.endpoints.s3.head_object(Bucket=redaction.destination, Key="videos/face.mp4")
    assert after["LastModified"] == before["LastModified"]


def test_a_file_that_is_no_video_is_rejected(redaction: Redaction) -> None:
    redaction.put("videos/broken.mp4", b"this is no video")
    execution = redaction.execution_of("videos/broken.mp4")
    outcome = json.loads(execution["output"])
    assert (execution["status"], outcome["status"], outcome["reason"]) == (
        "SUCCEEDED",
        "REJECTED",
        "UNSUPPORTED_CONTAINER",
    )
    assert "videos/broken.mp4" not in redaction.keys(redaction.destination)


def test_damage_that_a_chunk_finds_rejects_the_video_without_another_try(
    redaction: Redaction, made: Made, tmp_path: Path
) -> None:
    damaged = damage_last_group(made.source, tmp_path / "damaged.mp4")
    redaction.put("videos/damaged.mp4", damaged.read_bytes())
    execution = redaction.execution_of("videos/damaged.mp4")
    outcome = json.loads(execution["output"])
    assert (execution["status"], outcome["status"], outcome["reason"]) == ("SUCCEEDED", "REJECTED", "DAMAGED")
    (run,) = redaction.endpoints.stepfunctions.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    counts = redaction.endpoints.stepfunctions.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
    assert (counts["succeeded"], counts["failed"]) == (3, 0)
    assert "videos/damaged.mp4" not in redaction.keys(redaction.destination)
    left = redaction.keys(redaction.work["Videos"])
    assert [key for key in left if key.startswith((WORK, review_prefix("videos/damaged.mp4")))] == []


def damage_last_group(source: Path, path: Path) -> Path:
    """Overwrite half of the last key frame."""
    with av.open(str(source)) as container:
        *_, key = (it for it in container.demux(video=0) if it.size and it.is_keyframe)
        assert key.pos is not None
        middle, end = key.pos + key.size // 2, key.pos + key.size
    data = bytearray(source.read_bytes())
    data[middle:end] = random.Random(1).randbytes(end - middle)  # noqa: S311 - repeatable
    path.write_bytes(data)
    return path


def test_nothing_is_published_if_the_detector_fails(redaction: Redaction, made: Made) -> None:
    redaction.put("unseen/face.mp4", made.source.read_bytes())
    execution = redaction.execution_of("unseen/face.mp4", construct="Blind")
    assert execution["status"] == "FAILED"
    assert "unseen/face.mp4" not in redaction.keys(redaction.destination)
    assert redaction.keys(redaction.work["Blind"]) == []


def test_an_outcome_is_announced(redaction: Redaction) -> None:
    pattern = json.dumps({"source": ["safelight"], "detail": {"key": ["videos/announced.mp4"]}})
    queue = RuleQueue(redaction.endpoints, "announced", rule={"EventPattern": pattern})
    redaction.put("videos/announced.mp4", b"")
    (event,) = queue.take_until(bool)
    assert event["detail-type"] == "Video Rejected"
    detail = event["detail"]
    assert (detail["status"], detail["reason"], detail["output"]) == ("REJECTED", "NOT_A_VIDEO", None)
    assert detail["executionArn"] == redaction.execution_of("videos/announced.mp4")["executionArn"]
