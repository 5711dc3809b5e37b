"""Handle the events of uploads: release, put aside or remove, and announce the outcome.

The key of an upload can hold a patient's name, and the message of an error can hold the key: S3's client names the URL
that it could not reach. So only the types of errors and the lines that raised them are logged.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from awskit.logs import logger
from awskit.outcomes.announcements import send_event
from awskit.redaction.attempts import UploadFailedError, try_each
from awskit.redaction.dicom.keeping import Keeper, Keeping, Kept
from awskit.redaction.dicom.names import Names
from awskit.redaction.dicom.secret import pseudonyms_of
from safelight_contracts.keys import parse_version_id
from safelight_contracts.redaction.dicom import (
    DETAIL_TYPES,
    DicomOutcome,
    DicomSettings,
    DicomStatus,
    outcome_to_json,
)


class DeidentificationFailedError(Exception):
    """Raised in place of any error. Its message names the type of that error, and no value."""


def keep_each(event: Mapping[str, Any], *, settings: DicomSettings) -> dict[str, Any]:
    """Keep what becomes of each upload that a batch of events is about. When the attempts fail, announce it.

    `event`: a batch of SQS messages. Each is an event of S3.

    Returns `{"batchItemFailures"}`: as `awskit.redaction.attempts.try_each`.
    """

    def take(body: dict[str, Any], attempt: int) -> None:
        with logger().append_context_keys(attempt=attempt), _no_values_in_errors():
            if attempt > settings.attempts:
                _fail(body, settings=settings)
            names = Names(settings=settings, pseudonyms=pseudonyms_of(settings.key_secret))
            key = body["detail"]["object"]["key"]
            with logger().append_context_keys(source=names.source(key)):
                _keep(key, keeper=Keeper(names=names), is_repeated=attempt > 1)

    return try_each(event, attempts=settings.attempts, take=take)


def _keep(key: str, *, keeper: Keeper, is_repeated: bool) -> None:
    keeping = keeper.keep(key)
    logger().info("Kept", outcome=keeping.kept, reason=keeping.entry and keeping.entry.reason)
    # What is current may not be announced yet if the event was delivered before.
    if keeping.kept is Kept.WRITTEN or (keeping.kept is Kept.CURRENT and is_repeated):
        _announce(_outcome(keeping, key=key, keeper=keeper), settings=keeper.names.settings)


def _outcome(keeping: Keeping, *, key: str, keeper: Keeper) -> DicomOutcome:
    upload, entry = keeping.upload, keeping.entry
    assert upload is not None  # noqa: S101 - what is kept has both
    assert entry is not None  # noqa: S101
    place = entry.places[0]
    return DicomOutcome(
        status=DicomStatus.DEIDENTIFIED if entry.reason is None else DicomStatus.QUARANTINED,
        source=keeper.names.source(key),
        version_id=upload.version_id,
        reason=entry.reason,
        destination={"bucket": keeper.bucket(place.room), "key": place.key},
    )


def _fail(body: Mapping[str, Any], *, settings: DicomSettings) -> None:
    stored = body["detail"]["object"]
    outcome = DicomOutcome(
        status=DicomStatus.FAILED,
        source=_source_if_known(stored["key"], settings=settings),
        version_id=parse_version_id(stored.get("version-id")),
    )
    logger().error("Failed", outcome=outcome.status, source=outcome.source)
    _announce(outcome, settings=settings)
    raise UploadFailedError


def _source_if_known(key: str, *, settings: DicomSettings) -> str | None:
    try:
        pseudonyms = pseudonyms_of(settings.key_secret)
    except Exception:
        # It may be why all attempts failed.
        logger().exception("The key of pseudonyms cannot be read")
        return None
    return Names(settings=settings, pseudonyms=pseudonyms).source(key)


def _announce(outcome: DicomOutcome, *, settings: DicomSettings) -> None:
    send_event(
        DETAIL_TYPES[outcome.status], detail=outcome_to_json(outcome, name=settings.name), bus=settings.event_bus
    )


@contextmanager
def _no_values_in_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        logger().error(
            "Error",
            types=[type(it).__name__ for it in _causes(error)],
            code=next((it.response["Error"]["Code"] for it in _causes(error) if isinstance(it, ClientError)), None),
            lines=[f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames],
        )
        raise DeidentificationFailedError(type(error).__name__) from None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
