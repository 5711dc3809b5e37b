"""The function that joins chunks: what it publishes, and when it publishes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.videokit.pictures import luma_of, lumas, psnr
from tests.unit.videokit.redacting import planned, redacted
from tests.unit.videokit.videos import write_video

from awskit.redaction.video.joining import join_video
from awskit.redaction.video.reviewing import video_review
from awskit.redaction.video.steps import Job
from awskit.redaction.video.work import PLAN, REVIEW, covers, redacted_chunk
from safelight_local.emulator.process import Emulator
from videokit.faults import ChunkMismatchError, OutputInvalidError, VideoFault, VideoRejected
from videokit.info import VideoInfo
from videokit.plan import Plan

CHUNKS = 12
CLOSE = 30


@dataclass(frozen=True, kw_only=True)
class Film:
    """A video of a second in twelve chunks, which are redacted."""

    source: Path
    chunks: list[Path]
    plan: dict[str, Any]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("film")
    every_frame = {"bf": "0", "x264-params": "keyint=3:min-keyint=3:scenecut=0"}
    source = write_video(folder / "source.mp4", frames=3 * CHUNKS, options=every_frame)
    info, plan = planned(source, seconds=0.1)
    redacted(source, folder / "made", seconds=0.1)
    return Film(
        source=source,
        chunks=[folder / "made" / f"{chunk.number}.mp4" for chunk in plan.chunks],
        plan={"info": info.as_json(), "plan": plan.as_json()},
    )


@pytest.fixture
def job(upload: Callable[[bytes], Job], film: Film) -> Job:
    """An execution whose chunks are all there, with nothing covered."""
    made = upload(film.source.read_bytes())
    info, plan = VideoInfo.from_json(film.plan["info"]), Plan.from_json(film.plan["plan"])
    made.work.write_json(PLAN, film.plan)
    made.work.write_json(REVIEW, video_review([], boxes=0, tracks=0, info=info, plan=plan, job=made).as_json())
    for number, path in enumerate(film.chunks):
        made.work.upload(path, name=redacted_chunk(number))
        made.work.write_json(covers(number), {"boxes": {}, "cells": {}})
    return made


def published(emulator: Emulator, job: Job) -> list[bytes]:
    """The objects in the destination."""
    s3, bucket = emulator.endpoints.s3, job.settings.destination_bucket
    keys = [it["Key"] for it in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]


def test_chunks_are_joined_in_the_order_of_their_numbers(
    emulated_aws: Emulator, job: Job, film: Film, tmp_path: Path
) -> None:
    """By their names, the chunks 10 and 11 would come before 2."""
    assert len(film.chunks) == CHUNKS
    assert join_video(job)["frames"] == 3 * CHUNKS
    made = tmp_path / "made.mp4"
    (data,) = published(emulated_aws, job)
    made.write_bytes(data)
    assert [psnr(it, luma_of(number)) > CLOSE for number, it in enumerate(lumas(made))] == [True] * 3 * CHUNKS


def test_nothing_is_published_while_a_chunk_is_missing(emulated_aws: Emulator, job: Job) -> None:
    emulated_aws.endpoints.s3.delete_object(Bucket=job.work.bucket, Key=job.work.prefix + redacted_chunk(4))
    with pytest.raises(Exception, match="NoSuchKey"):
        join_video(job)
    assert published(emulated_aws, job) == []


def test_nothing_is_published_if_a_chunk_has_other_frames(emulated_aws: Emulator, job: Job, film: Film) -> None:
    job.work.upload(film.source, name=redacted_chunk(4))
    with pytest.raises(ChunkMismatchError):
        join_video(job)
    assert published(emulated_aws, job) == []


def test_nothing_is_published_that_is_not_valid(emulated_aws: Emulator, job: Job, film: Film) -> None:
    """The chunks fit together, and are not tagged with the source's colours."""
    job.work.write_json(PLAN, film.plan | {"info": film.plan["info"] | {"color_transfer": 6}})
    with pytest.raises(OutputInvalidError):
        join_video(job)
    assert published(emulated_aws, job) == []


def test_a_video_that_one_request_cannot_write_is_too_large(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("awskit.redaction.video.joining.MAX_OBJECT_BYTES", 100)
    with pytest.raises(VideoRejected) as caught:
        join_video(job)
    assert caught.value.reason is VideoFault.TOO_LARGE
