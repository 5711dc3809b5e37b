"""Entry point of the function that de-identifies medical images."""

import os
from typing import Any

from awskit.redaction.dicom.messages import keep_each
from dicomkit.sandbox import worker
from safelight_contracts.redaction.dicom import settings_from_environment

# Started on import, so that it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Release, put aside or remove the file of each upload that a batch of events is about.

    `event`: a batch of SQS messages. Each is an event of S3 about an upload that was created or deleted.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    return keep_each(event, settings=settings_from_environment(os.environ))
