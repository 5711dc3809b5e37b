"""Try the events of uploads, and each one that fails again after a wait."""

from collections.abc import Callable, Mapping
from random import SystemRandom
from typing import Any

from awskit.queues import postpone, received, take_messages

_FIRST_DELAY, _LONGEST_DELAY = 10, 900
_random = SystemRandom()


class UploadFailedError(Exception):
    """Raised for an upload whose attempts are used up, so that SQS moves its event to the dead-letter queue."""


def try_each(event: Mapping[str, Any], *, attempts: int, take: Callable[[dict[str, Any], int], None]) -> dict[str, Any]:
    """Handle each message of a batch.

    A message that fails comes again after 10 seconds, then after twice as long each time, at most 15 minutes, less a
    random part of up to a half. When the attempts are used up, it comes a last time. That delivery does nothing but
    announce the failure, so an attempt that killed the function is announced, too.

    `event`: a batch of SQS messages. Each is an event of S3.
    `take`: Receives the body, and the number of the attempt, from 1. Give up when it is more than `attempts`.

    Returns `{"batchItemFailures"}`: the messages that SQS delivers again, or moves to the dead-letter queue.
    """
    failures: list[dict[str, str]] = []
    for message in event["Records"]:
        attempt = received(message)

        def handle(body: dict[str, Any], attempt: int = attempt) -> None:
            take(body, attempt)

        failed = take_messages({"Records": [message]}, take=handle)["batchItemFailures"]
        if failed and attempt <= attempts:
            postpone(message, seconds=_delay(attempt))
        failures += failed
    return {"batchItemFailures": failures}


def _delay(attempt: int) -> int:
    longest: int = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1))
    return round(longest * _random.uniform(0.5, 1))
