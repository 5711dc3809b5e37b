"""What the de-identification of medical images tells its function, and what it says about each upload."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

SETTINGS_VARIABLE = "DICOM"
"""The environment variable with the settings."""

QUARANTINE_REASON = "safelight-quarantined"
"""The metadata and the tag of a file that was put aside, with the reason: ``x-amz-meta-safelight-quarantined``."""

FILES, INDEX = "files/", "index/"
"""Folders under the prefix of the quarantine: files that were put aside, and the outcome of each upload."""

MAX_DICOM_BYTES = 250_000_000
"""The largest file that is read. A function holds it several times, and has 3,538 MB."""


class Dates(StrEnum):
    """The rule for the dates and times of medical images."""

    EMPTY = "EMPTY"
    """All are emptied, or replaced by a dummy where the table demands a value."""
    SHIFT = "SHIFT"
    """The dates of a patient move by the same number of days into the past, so that their order and distances stay.
    Times of day stay. Dates of the patient's life (group 0010) are emptied. What is no full date is emptied."""


@dataclass(frozen=True, kw_only=True)
class DicomSettings:
    """The settings of the function that de-identifies medical images.

    Parameters
    ----------
    name
        The construct's name in events. It stays the same when the function is replaced.
    source_bucket, destination_bucket, quarantine_bucket
        Where uploads are read, and where released files and files that are put aside are written.
    source_prefix, destination_prefix, quarantine_prefix
        What the keys in each bucket begin with. May be empty.
    key_secret
        The ARN of the secret with the key of pseudonyms.
    dates
        What becomes of dates.
    find_text
        Whether text is searched for in the pictures.
    attempts
        How often an upload is tried. Then it has failed.
    event_bus
        The ARN of the bus for outcomes.
    """

    name: str
    source_bucket: str
    source_prefix: str
    destination_bucket: str
    destination_prefix: str
    quarantine_bucket: str
    quarantine_prefix: str
    key_secret: str
    dates: Dates
    find_text: bool
    attempts: int
    event_bus: str


def settings_to_environment(settings: DicomSettings) -> dict[str, str]:
    """Write settings as an environment variable."""
    return {SETTINGS_VARIABLE: json.dumps(asdict(settings), separators=(",", ":"))}


def settings_from_environment(environment: Mapping[str, str]) -> DicomSettings:
    """Read what `settings_to_environment` wrote."""
    described = json.loads(environment[SETTINGS_VARIABLE])
    return DicomSettings(**described | {"dates": Dates(described["dates"])})


class DicomStatus(StrEnum):
    """How the de-identification of an upload ended."""

    DEIDENTIFIED = "DEIDENTIFIED"
    """The file is in the destination."""
    QUARANTINED = "QUARANTINED"
    """It is not sure that nothing is left. A copy of the upload is in the quarantine."""
    FAILED = "FAILED"
    """Something broke, in every attempt. Nothing was written, and the event of S3 is in the dead-letter queue."""


DETAIL_TYPES = {status: f"Dicom {status.value.capitalize()}" for status in DicomStatus}
"""The detail types of the events."""


@dataclass(frozen=True, kw_only=True)
class DicomOutcome:
    """The content of an event. It has no key, ETag or value of the upload.

    Parameters
    ----------
    status
        How it ended.
    source
        The keyed hash of the upload's key. None if the key of pseudonyms could not be read.
    version_id
        The upload's. An object in a bucket without versions has none.
    reason
        Why it was put aside. Default: none.
    destination
        The bucket and the key of what was written. Default: nothing was.
    """

    status: DicomStatus
    source: str | None
    version_id: str | None
    reason: str | None = None
    destination: Mapping[str, str] | None = None


def outcome_to_json(outcome: DicomOutcome, *, name: str) -> dict[str, Any]:
    """Write the ``detail`` of an event. ``name``: the construct's."""
    return {
        "redaction": name,
        "source": outcome.source,
        "versionId": outcome.version_id,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "destination": None if outcome.destination is None else dict(outcome.destination),
    }
