"""Entry point of the function that deletes what a failed execution has published."""

from typing import Any

from awskit.redaction.video.published import withdraw
from awskit.redaction.video.steps import Answer, Job, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Delete what the execution has written to the destination and for review. What others have written stays.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None}`.
    """
    return perform(event, step=_withdraw)


def _withdraw(job: Job) -> Answer:
    withdraw(job)
    return {}
