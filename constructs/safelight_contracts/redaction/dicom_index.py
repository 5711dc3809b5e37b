"""The outcome of each upload of a de-identification: a private object in the quarantine.

A released file has a key of its UIDs, so nothing else leads from an upload to its file.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from safelight_contracts.redaction.dicom import INDEX


class Room(StrEnum):
    """Where a file is."""

    DESTINATION = "DESTINATION"
    QUARANTINE = "QUARANTINE"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place of a file that was made from an upload."""

    room: Room
    key: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The outcome of an upload.

    `made_from`: the version of the upload, after the name of its key and a slash. None while it changes.
    `places`: every place that can have a file of the upload. The first has its file. The others have what a function
    wrote, or may still write, that was overtaken.
    `reason`: why the upload is put aside. None if its file is released.
    `uploaded`: when the upload was stored, in seconds since 1970. The later upload of an instance has the file. None if
    the upload is gone, and a function that was overtaken may still write a file of it.
    """

    made_from: str | None
    places: Sequence[Place]
    reason: str | None
    uploaded: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the entry as `from_json` reads it."""
        return {
            "madeFrom": self.made_from,
            "places": [{"room": it.room, "key": it.key} for it in self.places],
            "reason": self.reason,
            "uploaded": self.uploaded,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Entry":
        """Read what `as_json` returned."""
        return cls(
            made_from=told["madeFrom"],
            places=[Place(room=Room(it["room"]), key=it["key"]) for it in told["places"]],
            reason=told["reason"],
            uploaded=told["uploaded"],
        )


def keyed_name(*parts: str, secret: bytes) -> str:
    """Return 32 hexadecimal digits for texts that may not be shown. ``secret``: the key of pseudonyms."""
    return hmac.new(secret, "\0".join(("name", *parts)).encode(), sha256).hexdigest()[:32]


def source_name(
    key: str, *, source_bucket: str, destination_bucket: str, destination_prefix: str, secret: bytes
) -> str:
    """Return the name of an upload's key. Events and logs have it.

    De-identifications can share a secret and a quarantine, so the name tells where files come from and go to.
    """
    return keyed_name("source", source_bucket, f"{destination_bucket}/{destination_prefix}", key, secret=secret)


def is_from(made_from: str | None, *, source: str) -> bool:
    """Return whether a file is made from some version of the upload whose key has this name."""
    return made_from is not None and made_from.partition("/")[0] == source


def index_key(source: str, *, quarantine_prefix: str) -> str:
    """Return the key of the entry of an upload. ``source``: the name of its key."""
    return f"{quarantine_prefix}{INDEX}{source}.json"
