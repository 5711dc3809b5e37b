"""Entry point of the function that keeps redacted copies of uploads."""

import os
from functools import cache
from typing import Any

from awskit.redaction.keeping import Keeper
from awskit.redaction.messages import keep_each
from awskit.redaction.pace import Pace, pace_calls
from awskit.rekognition import client
from awskit.settings import development, limits
from imagekit.sandbox.redaction import worker
from safelight_contracts.redaction.service import settings_from_environment

# Started on import, so that it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Write, replace or delete the redacted copy of each upload that a batch of events is about.

    `event`: a batch of SQS messages. Each is an event of S3 about an upload that was created or deleted.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    settings = settings_from_environment(os.environ)
    pace_calls(client.rekognition(), pace=_pace(settings.calls_per_second))
    return keep_each(event, keeper=Keeper(settings=settings, limits=limits(), development=development()))


@cache
def _pace(per_second: float) -> Pace:
    """Return the pace of this instance of the function."""
    return Pace(per_second=per_second)
