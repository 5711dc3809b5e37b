"""What a chunk downloads of its video."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import H264, write_video

from awskit import clients
from awskit.redaction.video.planned import PlannedChunk, planned_chunks
from awskit.redaction.video.sources import with_source
from awskit.redaction.video.steps import Job, work_prefix
from awskit.redaction.video.work import Work
from awskit.rejection import RejectedImage
from awskit.storage.objects import download_parts
from awskit.uploads import Upload
from safelight_contracts.redaction.styles import Style
from safelight_contracts.redaction.videos import VideoLimits, VideoSettings
from safelight_local.emulator.process import Emulator
from videokit.decoding import decoded
from videokit.needed import needed_parts
from videokit.parts import Part, Source

FRAMES = 15


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mov"
    options = H264 | {"crf": "3"}
    return write_video(path, frames=150, width=480, height=320, sound="pcm_s16le", options=options)


@pytest.fixture
def job(film: Path, emulated_aws: Emulator) -> Job:
    bucket, data = f"source-{uuid4().hex}", film.read_bytes()
    emulated_aws.endpoints.s3.create_bucket(Bucket=bucket)
    etag = emulated_aws.endpoints.s3.put_object(Bucket=bucket, Key="film.mov", Body=data)["ETag"].strip('"')
    video = Upload(
        bucket=bucket,
        key="film.mov",
        size=len(data),
        etag=etag,
        sequencer="0A",
        version_id=None,
        execution=f"arn:aws:states:us-east-1:000000000000:execution:videos:{uuid4().hex}",
    )
    settings = VideoSettings(
        destination_bucket="none",
        destination_prefix="",
        work_bucket="none",
        style=Style.FILL,
        padding=0.15,
        limits=VideoLimits(),
    )
    return Job(source=video, settings=settings, work=Work(bucket="none", prefix=work_prefix(video.execution)), chunk=5)


def chunk_of(film: Path, *, parts: list[Part] | None = None) -> PlannedChunk:
    """Plan the sixth chunk of ten. `parts`: other ones than it needs."""
    info, plan = planned(film, seconds=0.5)
    needed = needed_parts(film, plan=plan, gap=2**16) if parts is None else [parts] * len(plan.chunks)
    return list(planned_chunks(plan, info=info, needed=needed))[5]


@pytest.fixture
def fetched(job: Job, monkeypatch: pytest.MonkeyPatch) -> list[int]:  # noqa: ARG001 - the emulator must run
    """How many bytes each request to S3 returned."""
    lengths: list[int] = []
    get: Callable[..., Any] = clients.s3().get_object

    def counted(**request: object) -> Any:
        answer = get(**request)
        lengths.append(answer["ContentLength"])
        return answer

    monkeypatch.setattr(clients.s3(), "get_object", counted)
    return lengths


def frames_of(chunk: PlannedChunk) -> Callable[[Source], list[bytes]]:
    def work(source: Source) -> list[bytes]:
        frames = decoded(source, chunk=chunk.chunk, info=chunk.info, frames=chunk.frames)
        return [frame.to_ndarray().tobytes() for _, frame in frames]

    return work


def test_a_chunk_downloads_what_it_needs_and_decodes_the_same_frames(
    film: Path, job: Job, fetched: list[int], tmp_path: Path
) -> None:
    chunk = chunk_of(film)
    assert chunk.parts is not None
    work = frames_of(chunk)
    assert with_source(job, planned=chunk, folder=tmp_path, work=work) == work(film)
    assert sum(fetched) == sum(end - start for start, end in chunk.parts)
    assert sum(fetched) < 0.5 * job.source.size


def test_a_chunk_whose_parts_are_not_enough_is_made_of_the_whole_video(
    film: Path, job: Job, fetched: list[int], tmp_path: Path
) -> None:
    chunk = chunk_of(film, parts=[(0, 2**16)])
    work = frames_of(chunk)
    assert with_source(job, planned=chunk, folder=tmp_path, work=work) == work(film)
    assert fetched == [2**16, job.source.size]


def test_parts_of_a_video_that_was_replaced_are_not_read(emulated_aws: Emulator, job: Job, tmp_path: Path) -> None:
    emulated_aws.endpoints.s3.put_object(Bucket=job.source.bucket, Key="film.mov", Body=b"another")
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        download_parts(job.source, [(0, 10), (100, 200)], path=tmp_path / "source")


def test_a_planned_chunk_passes_json(film: Path) -> None:
    chunk = chunk_of(film)
    assert PlannedChunk.from_json(chunk.as_json()) == chunk
    assert len(chunk.frames) == FRAMES
