"""Entry point of the function that forgets the sizes of a source that has changed."""

import os
from functools import partial
from typing import Any

from awskit.delivery.forgetting import forget_each, forget_sizes
from safelight_contracts.delivery.settings import settings_from_environment


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Delete the images of the sources that a batch of events is about, in all sizes.

    `event`: a batch of SQS messages. Each is an event of S3 about a source.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    settings = settings_from_environment(os.environ)
    forget = partial(forget_sizes, bucket=settings.results_bucket, sizes=settings.sizes)
    _, failures = forget_each(event["Records"], settings=settings, forget=forget)
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in failures]}
