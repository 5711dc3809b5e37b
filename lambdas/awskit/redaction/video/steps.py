"""The frame of every function that redacts videos."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from awskit.bounds import bounded_detail
from awskit.logs import logger, logging_upload
from awskit.redaction.video.work import Work
from awskit.rejection import RejectedImage
from awskit.uploads import Upload, parse_upload
from safelight_contracts.redaction.videos import WORK, VideoSettings, settings_from_environment
from videokit.faults import VideoRejected

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a function works on.

    `source`: the video, at one version. `chunk`: the number of a chunk, or None in functions that work on all of them.
    """

    source: Upload
    settings: VideoSettings
    work: Work
    chunk: int | None

    @property
    def destination_key(self) -> str:
        """The key of the redacted video."""
        return self.settings.destination_prefix + self.source.key


def perform(event: Mapping[str, Any], *, step: Callable[[Job], Answer]) -> Answer:
    """Run a step. A rejection of the video becomes its answer, so that it crosses a Map; an error is raised.

    `event`: `{"video": {"bucket", "key", "size", "etag", "sequencer", "versionId"}, "execution", "chunk"}`.
    `execution`: the ARN of the execution that the video started, in child executions too.

    Returns `{"rejection": None | {"reason", "detail"}}` with what the step returns.
    """
    job = read_job(event)
    with logging_upload(job.source):
        try:
            answer = {"rejection": None, **step(job)}
        except (VideoRejected, RejectedImage) as rejection:
            logger().info("Rejected", reason=str(rejection.reason), chunk=job.chunk)
            detail = bounded_detail(rejection.detail)
            return {"rejection": {"reason": str(rejection.reason), "detail": detail}}
        except Exception:
            logger().exception("Failed", chunk=job.chunk)
            raise
        logger().info("Done", chunk=job.chunk)
        return answer


def read_job(event: Mapping[str, Any]) -> Job:
    """Read what an event is about, and the settings of the function."""
    source = parse_upload({"image": event["video"], "execution": event["execution"]})
    settings = settings_from_environment(os.environ)
    return Job(
        source=source,
        settings=settings,
        work=Work(bucket=settings.work_bucket, prefix=work_prefix(source.execution)),
        chunk=event.get("chunk"),
    )


def work_prefix(execution: str) -> str:
    """Return what the keys of an execution's files begin with."""
    return f"{WORK}{sha256(execution.encode()).hexdigest()[:32]}/"
