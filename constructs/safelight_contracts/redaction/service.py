"""What a redaction service tells its function, and what it says about each upload."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from safelight_contracts.redaction.redact import Redact, redact_from_json, redact_to_json

SETTINGS_VARIABLE = "REDACTION"
"""The environment variable with the settings."""

MADE_FROM = "safelight-redacted-from"
"""The metadata of a redacted object that says who made it, what from, and how: ``x-amz-meta-safelight-redacted-from``.
An object with it is never redacted again."""

COUNTS = "safelight-redacted"
"""The metadata of a redacted object that says how much is covered: a JSON object of numbers by kind."""

# Changes when the same upload and the same settings give another picture.
_ENGINE = 1
_DIGITS = 32


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """The settings of a redaction service.

    Parameters
    ----------
    name
        The service's name in events. It stays the same when the function is replaced.
    source_bucket, destination_bucket
        Where uploads are read, and where redacted copies are written.
    source_prefix, destination_prefix
        What the keys of uploads begin with, and what is put before them for the keys of the copies. May be empty.
    reviews_bucket
        Where the boxes of the copies are written.
    redact
        What is covered, and how.
    calls_per_second
        The most calls of Rekognition per second of one instance of the function.
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
    reviews_bucket: str
    redact: Redact
    calls_per_second: float
    attempts: int
    event_bus: str

    def destination_key(self, key: str) -> str:
        """Return the key of the redacted copy of an upload."""
        return f"{self.destination_prefix}{key}"

    def made_from(self, *, etag: str, version_id: str | None) -> str:
        """Name the service, the upload and the settings of a copy. The name reveals none of them.

        Parameters
        ----------
        etag, version_id
            The upload's. A version id alone says which bytes it has.
        """
        upload = [etag] if version_id is None else [None, version_id]
        return "/".join((self._owner, _digest(upload), _digest([_ENGINE, redact_to_json(self.redact)])))

    def is_own(self, made_from: str | None) -> bool:
        """Return whether this service wrote an object. ``made_from``: that of the object's metadata."""
        return made_from is not None and made_from.split("/")[0] == self._owner

    def is_of_version(self, made_from: str | None, *, version_id: str) -> bool:
        """Return whether this service made an object of a version of an upload, whatever its settings were."""
        return made_from is not None and made_from.split("/")[:2] == [self._owner, _digest([None, version_id])]

    @property
    def _owner(self) -> str:
        return _digest([self.name, self.source_bucket])


def settings_to_environment(settings: ServiceSettings) -> dict[str, str]:
    """Write settings as an environment variable."""
    described = asdict(settings) | {"redact": redact_to_json(settings.redact)}
    return {SETTINGS_VARIABLE: json.dumps(described, separators=(",", ":"))}


def settings_from_environment(environment: Mapping[str, str]) -> ServiceSettings:
    """Read what `settings_to_environment` wrote."""
    described = json.loads(environment[SETTINGS_VARIABLE])
    return ServiceSettings(**described | {"redact": redact_from_json(described["redact"])})


def _digest(meaning: object) -> str:
    return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:_DIGITS]


class RedactionStatus(StrEnum):
    """How the redaction of an upload ended."""

    REDACTED = "REDACTED"
    """The redacted copy is in the destination."""
    REJECTED = "REJECTED"
    """The upload cannot be redacted. Nothing was written."""
    FAILED = "FAILED"
    """Something broke, in every attempt. Nothing was written, and the event of S3 is in the dead-letter queue."""


DETAIL_TYPES = {status: f"Image {status.value.capitalize()}" for status in RedactionStatus}
"""The detail types of the events."""


@dataclass(frozen=True, kw_only=True)
class RedactionOutcome:
    """The content of an event.

    Parameters
    ----------
    status
        How it ended.
    bucket, key, version_id, etag
        The upload. An object in a bucket without versions has no version id.
    reason, detail
        Why it was rejected. Default: none, and empty.
    destination
        The bucket, the key, the ETag and the content type of the redacted copy. Default: there is none.
    counts
        How much is covered, by kind. Default: nothing.
    """

    status: RedactionStatus
    bucket: str
    key: str
    version_id: str | None
    etag: str
    reason: str | None = None
    detail: Mapping[str, Any] | None = None
    destination: Mapping[str, str] | None = None
    counts: Mapping[str, int] | None = None


def outcome_to_json(outcome: RedactionOutcome, *, name: str) -> dict[str, Any]:
    """Write the ``detail`` of an event. ``name``: the service's."""
    return {
        "redaction": name,
        "bucket": outcome.bucket,
        "key": outcome.key,
        "versionId": outcome.version_id,
        "etag": outcome.etag,
        "status": outcome.status.value,
        "reason": outcome.reason,
        "detail": dict(outcome.detail or {}),
        "destination": None if outcome.destination is None else dict(outcome.destination),
        "boxes": dict(outcome.counts or {}),
    }
