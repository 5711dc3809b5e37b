"""Entry point of the function that forgets the images of a source that has changed."""

import os
import time
from functools import partial
from typing import Any

from awskit.delivery.forgetting import forget_each, forget_results, invalidate, postpone
from awskit.logs import logger
from awskit.transient_errors import ServiceBusy
from safelight_contracts.delivery.settings import DISTRIBUTION_VARIABLE, settings_from_environment

# Of the 60 that the function has, so that one overlay on very many images does not keep the other sources waiting.
_OVERLAID_SECONDS = 30.0


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Delete all results of the sources that a batch of events is about, and invalidate what CloudFront may have.

    `event`: a batch of SQS messages. Each is an event of S3 about a source, or of a workflow about an upload.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    settings = settings_from_environment(os.environ)
    forget = partial(forget_results, settings=settings, deadline=time.monotonic() + _OVERLAID_SECONDS)
    forgotten, failures = forget_each(event["Records"], settings=settings, forget=forget)
    distribution = os.environ.get(DISTRIBUTION_VARIABLE)
    cached = {message: done.prefixes for message, done in forgotten.items() if done.prefixes}
    later = {message for message, done in forgotten.items() if not done.is_complete}
    if cached and distribution:
        try:
            invalidate(sorted(set().union(*cached.values())), distribution=distribution)
        except ServiceBusy:
            logger().exception("The invalidation must wait", sources=len(cached))
            later.update(cached)
        except Exception:
            logger().exception("The invalidation failed", sources=len(cached))
            failures.extend(cached)
    postpone(message for message in event["Records"] if message["messageId"] in later)
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in sorted({*failures, *later})]}
