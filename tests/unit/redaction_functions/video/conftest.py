from collections.abc import Callable, Iterator
from itertools import count
from uuid import uuid4

import pytest
from tests.unit.redaction_functions.video.jobs import KEY

from awskit.redaction import large_objects
from awskit.redaction.video.steps import Job, work_prefix
from awskit.redaction.video.work import Work
from awskit.uploads import Upload
from safelight_contracts.records import pad_sequencer
from safelight_contracts.redaction.styles import Style
from safelight_contracts.redaction.videos import VideoLimits, VideoSettings
from safelight_local.emulator.process import Emulator


@pytest.fixture
def buckets(emulated_aws: Emulator) -> Iterator[list[str]]:
    """A source, a destination and a work bucket."""
    large_objects.s3.cache_clear()
    names = [f"{name}-{uuid4().hex}" for name in ("source", "destination", "work")]
    for name in names:
        emulated_aws.endpoints.s3.create_bucket(Bucket=name)
    yield names
    large_objects.s3.cache_clear()


@pytest.fixture
def upload(emulated_aws: Emulator, buckets: list[str]) -> Callable[[bytes], Job]:
    """Put a video into the source, and return the job of its execution."""
    source, destination, work = buckets
    settings = VideoSettings(
        destination_bucket=destination,
        destination_prefix="redacted/",
        work_bucket=work,
        style=Style.FILL,
        padding=0.15,
        limits=VideoLimits(),
    )

    numbers = count(1)

    def put(data: bytes) -> Job:
        etag = emulated_aws.endpoints.s3.put_object(Bucket=source, Key=KEY, Body=data)["ETag"].strip('"')
        video = Upload(
            bucket=source,
            key=KEY,
            size=len(data),
            etag=etag,
            sequencer=pad_sequencer(f"{next(numbers):X}"),
            version_id=None,
            execution=f"arn:aws:states:us-east-1:000000000000:execution:videos:{uuid4().hex}",
        )
        return Job(
            source=video, settings=settings, work=Work(bucket=work, prefix=work_prefix(video.execution)), chunk=None
        )

    return put
