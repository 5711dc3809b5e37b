"""Handle the events of uploads: keep each one's copy, announce the outcome, and try again what fails."""

from collections.abc import Mapping
from random import SystemRandom
from typing import Any

from awskit.logs import logger
from awskit.outcomes.announcements import send_event
from awskit.queues import postpone, received, take_messages
from awskit.redaction.keeping import Keeper, Keeping, Kept
from safelight_contracts.keys import parse_version_id
from safelight_contracts.redaction.service import (
    DETAIL_TYPES,
    RedactionOutcome,
    RedactionStatus,
    ServiceSettings,
    outcome_to_json,
)

_FIRST_DELAY, _LONGEST_DELAY = 10, 900
_random = SystemRandom()


class UploadFailedError(Exception):
    """Raised for an upload whose attempts are used up, so that SQS moves its event to the dead-letter queue."""


def keep_each(event: Mapping[str, Any], *, keeper: Keeper) -> dict[str, Any]:
    """Keep the copy of each upload that a batch of events is about.

    A message that fails comes again after 10 seconds, then after twice as long each time, at most 15 minutes, less a
    random part of up to a half. When the attempts are used up, `Image Failed` is announced, and the message fails a
    last time. That delivery does nothing else, so an attempt that killed the function is announced, too.

    `event`: a batch of SQS messages. Each is an event of S3.

    Returns `{"batchItemFailures"}`: the messages that SQS delivers again, or moves to the dead-letter queue.
    """
    failures: list[dict[str, str]] = []
    for message in event["Records"]:
        attempt = received(message)

        def take(body: dict[str, Any], attempt: int = attempt) -> None:
            with logger().append_context_keys(upload=_shown(body), attempt=attempt):
                if attempt > keeper.settings.attempts:
                    _fail(body, settings=keeper.settings)
                _keep(body, keeper=keeper, is_repeated=attempt > 1)

        failed = take_messages({"Records": [message]}, take=take)["batchItemFailures"]
        if failed and attempt <= keeper.settings.attempts:
            postpone(message, seconds=_delay(attempt))
        failures += failed
    return {"batchItemFailures": failures}


def _keep(body: Mapping[str, Any], *, keeper: Keeper, is_repeated: bool) -> None:
    keeping = keeper.keep(body["detail"]["object"]["key"])
    logger().info("Kept", outcome=keeping.kept, reason=keeping.rejection and keeping.rejection.reason)
    outcome = _outcome(keeping, is_repeated=is_repeated)
    if outcome is not None:
        _announce(outcome, settings=keeper.settings)


def _outcome(keeping: Keeping, *, is_repeated: bool) -> RedactionOutcome | None:
    """Return what is announced. A copy that is current may not be announced yet if the event was delivered before."""
    upload, copy = keeping.upload, keeping.copy
    if upload is None:
        return None
    named: dict[str, Any] = {
        "bucket": upload.bucket,
        "key": upload.key,
        "version_id": upload.version_id,
        "etag": upload.etag.strip('"'),
    }
    if keeping.rejection is not None:
        reason, detail = keeping.rejection.reason, keeping.rejection.detail
        return RedactionOutcome(status=RedactionStatus.REJECTED, reason=str(reason), detail=detail, **named)
    if copy is None or (keeping.kept is Kept.CURRENT and not is_repeated):
        return None
    place = {"bucket": copy.bucket, "key": copy.key, "etag": copy.etag.strip('"'), "contentType": copy.content_type}
    return RedactionOutcome(status=RedactionStatus.REDACTED, destination=place, counts=copy.counts, **named)


def _fail(body: Mapping[str, Any], *, settings: ServiceSettings) -> None:
    stored = body["detail"]["object"]
    outcome = RedactionOutcome(
        status=RedactionStatus.FAILED,
        bucket=body["detail"]["bucket"]["name"],
        key=stored["key"],
        version_id=parse_version_id(stored.get("version-id")),
        etag=stored.get("etag", ""),
        detail={"attempts": settings.attempts},
    )
    _announce(outcome, settings=settings)
    raise UploadFailedError(f"{settings.attempts} attempts failed")


def _announce(outcome: RedactionOutcome, *, settings: ServiceSettings) -> None:
    detail = outcome_to_json(outcome, name=settings.name)
    send_event(DETAIL_TYPES[outcome.status], detail=detail, bus=settings.event_bus)


def _shown(body: Mapping[str, Any]) -> dict[str, Any]:
    stored = body["detail"]["object"]
    return {
        "bucket": body["detail"]["bucket"]["name"],
        "key": stored["key"],
        "versionId": stored.get("version-id"),
    }


def _delay(attempt: int) -> int:
    longest: int = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1))
    return round(longest * _random.uniform(0.5, 1))
