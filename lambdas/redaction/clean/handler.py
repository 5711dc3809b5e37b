"""Entry point of the function that removes the private files of an execution."""

import os
from typing import Any

from awskit.redaction.video.steps import work_prefix
from awskit.redaction.video.work import Work
from safelight_contracts.redaction.videos import settings_from_environment


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Remove the plan, the detections, the covers and the chunks of an execution.

    `event`: `{"execution"}`.
    """
    work = Work(bucket=settings_from_environment(os.environ).work_bucket, prefix=work_prefix(event["execution"]))
    work.remove()
    return {}
