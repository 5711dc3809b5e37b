"""What is kept of a redacted video for its review."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.redaction_functions.video.jobs import KEY
from tests.unit.redaction_functions.video.test_linking import INFO, PLAN

from awskit.redaction.video.published import is_redacted, publish
from awskit.redaction.video.reviewing import Sheets, keep_review, make_sheets, video_review
from awskit.redaction.video.steps import Job
from awskit.redaction.video.work import covers
from awskit.rejection import RejectedImage
from awskit.transient_errors import ServiceBusy
from awskit.uploads import Upload
from safelight_contracts.redaction.reviews import (
    REVIEWS,
    FrameBoxes,
    TrackBox,
    VideoReview,
    after_key,
    before_key,
    boxes_key,
)
from safelight_local.emulator.process import Emulator
from videokit.info import Container

REDACTED = f"redacted/{KEY}"
COVERED = [{"boxes": {"3": [[0, 0.25, 0.5, 0.5, 0.75]]}}, {"boxes": {"12": [[1, -0.5, 0.0, 0.1, 2.0]]}}]


@pytest.fixture
def sheets(tmp_path: Path) -> Sheets:
    made = Sheets(before=tmp_path / "before.jpg", after=tmp_path / "after.jpg")
    made.before.write_bytes(b"before")
    made.after.write_bytes(b"after")
    return made


def review(job: Job, **changed: Any) -> VideoReview:
    return video_review(COVERED, boxes=2, tracks=2, info=replace(INFO, **changed), plan=PLAN, job=job)


def kept(emulator: Emulator, job: Job) -> VideoReview:
    answer = emulator.endpoints.s3.get_object(Bucket=job.settings.work_bucket, Key=boxes_key(REDACTED))
    return VideoReview.from_json(json.loads(answer["Body"].read()))


def metadata(emulator: Emulator, bucket: str, key: str) -> Mapping[str, str]:
    return emulator.endpoints.s3.head_object(Bucket=bucket, Key=key)["Metadata"]


def test_a_review_has_the_pixels_of_the_boxes_and_when_they_are_shown(upload: Callable[[bytes], Job]) -> None:
    made = review(upload(b"film"))
    assert (made.width, made.height, made.tracks, made.every) == (320, 240, 2, 1)
    assert made.frames == [
        FrameBoxes(seconds=0.3, boxes=[TrackBox(track=0, left=80, top=120, right=160, bottom=180)]),
        # Without what is outside of the frame.
        FrameBoxes(seconds=1.2, boxes=[TrackBox(track=1, left=0, top=0, right=32, bottom=240)]),
    ]


def test_the_size_is_that_of_the_upright_frame(upload: Callable[[bytes], Job]) -> None:
    made = review(upload(b"film"), orientation=6)
    assert (made.width, made.height) == (240, 320)


def test_of_very_many_boxes_not_every_frame_is_kept(
    upload: Callable[[bytes], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awskit.redaction.video.reviewing.MAX_VIDEO_BOXES", 7)
    covered = [{"boxes": {str(pts): [[0, 0.1, 0.1, 0.2, 0.2]] for pts in range(20)}}]
    made = video_review(covered, boxes=20, tracks=1, info=INFO, plan=PLAN, job=upload(b"film"))
    assert made.every == 3
    assert [round(frame.seconds * 10) for frame in made.frames] == [0, 3, 6, 9, 12, 15, 18]


def test_a_review_belongs_to_the_video_that_is_published_after_it(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], sheets: Sheets
) -> None:
    job = upload(b"film")
    keep_review(review(job), sheets=sheets, job=job)
    publish(sheets.after, job=job, container=Container.MP4)
    assert is_redacted(job)
    found = kept(emulated_aws, job)
    assert found.is_of(metadata(emulated_aws, job.settings.destination_bucket, REDACTED))
    for key in (before_key(REDACTED), after_key(REDACTED)):
        assert found.is_of(metadata(emulated_aws, job.settings.work_bucket, key))


def test_the_review_of_a_newer_video_replaces_the_older_one(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], sheets: Sheets
) -> None:
    for data in (b"film", b"newer film"):
        job = upload(data)
        keep_review(review(job), sheets=sheets, job=job)
    assert kept(emulated_aws, job) == review(job)


def test_no_review_of_a_video_that_was_replaced_is_written(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], sheets: Sheets
) -> None:
    older, newer = upload(b"film"), upload(b"newer film")
    keep_review(review(newer), sheets=sheets, job=newer)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        keep_review(review(older), sheets=sheets, job=older)
    assert kept(emulated_aws, newer) == review(newer)


def test_an_execution_never_overwrites_the_boxes_that_another_has_written_since_it_looked(
    upload: Callable[[bytes], Job], sheets: Sheets, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(b"film")
    waiting = [job]

    def write_first(_: Upload) -> None:
        if waiting:
            keep_review(review(waiting[0]), sheets=None, job=waiting.pop())

    monkeypatch.setattr("awskit.redaction.video.reviewing.validate_current", write_first)
    with pytest.raises(ServiceBusy):
        keep_review(review(job), sheets=sheets, job=job)


def test_sheets_that_cannot_be_made_do_not_hold_a_video_back(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], tmp_path: Path
) -> None:
    job = upload(b"film")
    for number in range(len(PLAN.chunks)):
        job.work.write_json(covers(number), {"boxes": {}, "cells": {}})
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is no video")
    made = make_sheets(broken, [broken, broken], folder=tmp_path, info=INFO, plan=PLAN, job=job)
    assert made is None
    keep_review(review(job), sheets=made, job=job)
    assert kept(emulated_aws, job) == review(job)


def test_the_end_of_an_execution_removes_no_review(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], sheets: Sheets
) -> None:
    job = upload(b"film")
    keep_review(review(job), sheets=sheets, job=job)
    job.work.write_json("plan.json", {})
    job.work.remove()
    listed = emulated_aws.endpoints.s3.list_objects_v2(Bucket=job.settings.work_bucket)["Contents"]
    assert len(listed) == 3
    assert all(it["Key"].startswith(REVIEWS) for it in listed)
