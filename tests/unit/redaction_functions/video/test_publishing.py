"""The one object in the destination: who writes it, and who may replace it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.redaction_functions.video.jobs import KEY
from tests.unit.redaction_functions.video.test_linking import INFO

from awskit.redaction import large_objects
from awskit.redaction.video.joining import download_chunks, join_video
from awskit.redaction.video.probing import probe_video
from awskit.redaction.video.published import is_redacted, publish, withdraw
from awskit.redaction.video.reviewing import keep_review
from awskit.redaction.video.steps import Job, perform, read_job
from awskit.redaction.video.work import CHUNKS, PLAN, detections, redacted_chunk
from awskit.rejection import RejectedImage
from awskit.transient_errors import ServiceBusy
from awskit.uploads import Upload
from redaction.withdraw.handler import handler
from safelight_contracts.redaction.reviews import REVIEWS, VideoReview
from safelight_contracts.redaction.styles import Style
from safelight_contracts.redaction.videos import generation_of, settings_to_environment
from safelight_local.emulator.process import Emulator
from videokit.faults import VideoFault, VideoRejected
from videokit.info import Container
from videokit.plan import Plan


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "redacted"
    path.write_bytes(b"redacted")
    return path


def test_a_redacted_video_is_known_by_its_source_and_its_settings(upload: Callable[[bytes], Job], file: Path) -> None:
    job = upload(b"film")
    assert not is_redacted(job)
    publish(file, job=job, container=Container.MP4)
    assert is_redacted(job)
    assert not is_redacted(replace(job, settings=replace(job.settings, style=Style.BLUR)))
    assert not is_redacted(upload(b"another film"))


def test_a_newer_video_replaces_the_older_one(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    publish(file, job=upload(b"film"), container=Container.MP4)
    newer = upload(b"newer film")
    file.write_bytes(b"newer")
    publish(file, job=newer, container=Container.MOV)
    answer = emulated_aws.endpoints.s3.get_object(Bucket=newer.settings.destination_bucket, Key=f"redacted/{KEY}")
    assert (answer["Body"].read(), answer["ContentType"]) == (b"newer", "video/quicktime")


def test_a_video_that_was_replaced_is_not_published(upload: Callable[[bytes], Job], file: Path) -> None:
    job = upload(b"film")
    newer = upload(b"newer film")
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        publish(file, job=job, container=Container.MP4)
    assert not is_redacted(job)
    assert not is_redacted(newer)


def test_a_video_that_was_deleted_is_not_published(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    job = upload(b"film")
    emulated_aws.endpoints.s3.delete_object(Bucket=job.source.bucket, Key=KEY)
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        publish(file, job=job, container=Container.MP4)


def test_one_of_two_executions_of_a_video_has_written_it(upload: Callable[[bytes], Job], file: Path) -> None:
    job = upload(b"film")
    other = replace(job, work=replace(job.work, prefix="work/other/"))
    assert publish(file, job=job, container=Container.MP4)
    assert not publish(file, job=other, container=Container.MP4)
    # A repeat, after an answer that was lost.
    assert publish(file, job=job, container=Container.MP4)


def test_the_same_bytes_uploaded_again_are_another_upload(upload: Callable[[bytes], Job], file: Path) -> None:
    first, second = upload(b"film"), upload(b"film")
    assert publish(file, job=first, container=Container.MP4)
    assert not is_redacted(second)
    assert publish(file, job=second, container=Container.MP4)
    assert is_redacted(second)


def test_an_upload_is_superseded_by_the_same_bytes_that_were_redacted_first(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    first, second = upload(b"film"), upload(b"film")
    keep_boxes(second)
    publish(file, job=second, container=Container.MP4)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        is_redacted(first)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        publish(file, job=first, container=Container.MP4)
    withdraw(first)
    assert is_redacted(second)
    kept = emulated_aws.endpoints.s3.list_objects_v2(Bucket=first.settings.work_bucket, Prefix=REVIEWS)
    assert kept["KeyCount"] == 1


def test_a_video_that_is_deleted_while_its_redaction_is_written_is_withdrawn(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, s3 = upload(b"film"), emulated_aws.endpoints.s3

    def delete_and_upload(path: Path, **request: Any) -> None:
        s3.delete_object(Bucket=job.source.bucket, Key=KEY)
        large_objects.upload(path, **request)

    monkeypatch.setattr("awskit.redaction.video.published.upload", delete_and_upload)
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        publish(file, job=job, container=Container.MP4)
    withdraw(job)
    assert not is_redacted(job)
    assert "Contents" not in s3.list_objects_v2(Bucket=job.settings.destination_bucket)


def keep_boxes(job: Job) -> None:
    review = VideoReview(
        etag=job.source.etag,
        version_id=job.source.version_id,
        redaction=generation_of(job.settings),
        width=640,
        height=360,
        tracks=0,
        every=1,
        frames=[],
    )
    keep_review(review, sheets=None, job=job)


def test_a_repeat_after_the_source_was_deleted_leaves_nothing(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    job, s3 = upload(b"film"), emulated_aws.endpoints.s3
    job.work.write_json(PLAN, {"info": INFO.as_json(), "plan": Plan(frames=[], chunks=[]).as_json()})
    keep_boxes(job)
    publish(file, job=job, container=Container.MP4)
    s3.delete_object(Bucket=job.source.bucket, Key=KEY)
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        join_video(job)
    assert "Contents" not in s3.list_objects_v2(Bucket=job.settings.destination_bucket)
    assert "Contents" not in s3.list_objects_v2(Bucket=job.settings.work_bucket, Prefix=REVIEWS)


def test_a_rejected_execution_leaves_what_another_has_published(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    job, s3 = upload(b"film"), emulated_aws.endpoints.s3
    keep_boxes(job)
    publish(file, job=job, container=Container.MP4)
    withdraw(replace(job, work=replace(job.work, prefix="work/other/")))
    assert is_redacted(job)
    assert s3.list_objects_v2(Bucket=job.settings.work_bucket, Prefix=REVIEWS)["KeyCount"] == 1


def test_a_failed_execution_leaves_the_review_that_another_has_written_and_publishes_next(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path
) -> None:
    failed = upload(b"film")
    publishing = replace(failed, work=replace(failed.work, prefix="work/another/"))
    keep_boxes(publishing)
    withdraw(failed)
    assert publish(file, job=publishing, container=Container.MP4)
    reviews = emulated_aws.endpoints.s3.list_objects_v2(Bucket=publishing.settings.work_bucket, Prefix=REVIEWS)
    assert len(reviews["Contents"]) == 1


def test_a_video_that_is_replaced_while_its_redaction_is_written_is_published(
    upload: Callable[[bytes], Job], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(b"film")

    def replace_and_upload(path: Path, **request: Any) -> None:
        upload(b"newer film")
        large_objects.upload(path, **request)

    monkeypatch.setattr("awskit.redaction.video.published.upload", replace_and_upload)
    assert publish(file, job=job, container=Container.MP4)
    assert is_redacted(job)


def test_a_key_that_is_too_long_with_its_prefix_is_rejected_before_any_work(upload: Callable[[bytes], Job]) -> None:
    job = upload(b"film")
    with pytest.raises(RejectedImage, match="KEY_TOO_LONG"):
        probe_video(replace(job, settings=replace(job.settings, destination_prefix="p" * 1_020 + "/")))


def test_an_execution_never_overwrites_what_another_has_written_since_it_looked(
    emulated_aws: Emulator, upload: Callable[[bytes], Job], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(b"film")

    def written_meanwhile(_: Upload) -> None:
        emulated_aws.endpoints.s3.put_object(
            Bucket=job.settings.destination_bucket, Key=f"redacted/{KEY}", Body=b"of another execution"
        )

    monkeypatch.setattr("awskit.redaction.video.published.validate_current", written_meanwhile)
    with pytest.raises(ServiceBusy):
        publish(file, job=job, container=Container.MP4)
    answer = emulated_aws.endpoints.s3.get_object(Bucket=job.settings.destination_bucket, Key=f"redacted/{KEY}")
    assert answer["Body"].read() == b"of another execution"


def test_an_execution_removes_its_own_files_only(upload: Callable[[bytes], Job]) -> None:
    one, other = upload(b"film"), upload(b"film")
    for job in (one, other):
        job.work.write_json(CHUNKS, [])
        job.work.write_json(detections(0), {})
    one.work.remove()
    assert other.work.read_json(CHUNKS) == []
    with pytest.raises(Exception, match="NoSuchKey"):
        one.work.read_json(CHUNKS)


def test_chunks_that_a_function_has_no_room_for_reject_the_video(
    upload: Callable[[bytes], Job], file: Path, tmp_path: Path
) -> None:
    work, size = upload(b"film").work, file.stat().st_size
    for number in range(3):
        work.upload(file, name=redacted_chunk(number))
    there = download_chunks(work, folder=tmp_path, count=3, max_bytes=3 * size)
    assert [it.read_bytes() for it in there] == [b"redacted"] * 3
    with pytest.raises(VideoRejected) as caught:
        download_chunks(work, folder=tmp_path, count=3, max_bytes=3 * size - 1)
    assert caught.value.reason is VideoFault.TOO_LARGE


@pytest.fixture
def event(upload: Callable[[bytes], Job], monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What a function gets for a video."""
    job = upload(b"film")
    for name, value in settings_to_environment(job.settings).items():
        monkeypatch.setenv(name, value)
    source = job.source
    video = {
        "bucket": source.bucket,
        "key": source.key,
        "size": source.size,
        "etag": source.etag,
        "sequencer": source.sequencer,
    }
    return {"video": video, "execution": source.execution}


def test_what_an_execution_wrote_before_it_failed_is_withdrawn(
    emulated_aws: Emulator, event: dict[str, object], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, s3 = read_job(event), emulated_aws.endpoints.s3
    keep_boxes(job)

    def fail(_: Job) -> None:
        raise ServiceBusy("S3 does not answer.")

    # After the object is written, the source is looked at again.
    monkeypatch.setattr("awskit.redaction.video.published._validate_not_deleted", fail)
    with pytest.raises(ServiceBusy):
        publish(file, job=job, container=Container.MP4)
    assert is_redacted(job)
    for _ in range(2):
        assert handler(event, None) == {"rejection": None}
    assert "Contents" not in s3.list_objects_v2(Bucket=job.settings.destination_bucket)
    assert "Contents" not in s3.list_objects_v2(Bucket=job.settings.work_bucket, Prefix=REVIEWS)


def test_a_failed_execution_leaves_what_another_has_published(event: dict[str, object], file: Path) -> None:
    job = read_job(event)
    publish(file, job=job, container=Container.MP4)
    handler(event | {"execution": f"{event['execution']}-other"}, None)
    assert is_redacted(job)


def test_a_rejection_is_an_answer(event: dict[str, object]) -> None:
    def reject(_: Job) -> dict[str, object]:
        raise VideoRejected(VideoFault.HDR, detail={"transfer": 16})

    assert perform(event, step=reject) == {"rejection": {"reason": "HDR", "detail": {"transfer": 16}}}


def test_an_error_is_no_answer(event: dict[str, object]) -> None:
    def fail(_: Job) -> dict[str, object]:
        raise ConnectionError("the detector does not answer")

    with pytest.raises(ConnectionError):
        perform(event, step=fail)
