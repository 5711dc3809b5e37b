"""Files that were sent to a redaction, and how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from safelight_local.aws.redactions import Redaction


class Ending(StrEnum):
    """How the redaction of a file ended."""

    REDACTED = "REDACTED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    QUARANTINED = "QUARANTINED"
    """A DICOM file is not sure to be free of names."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file that was put into the source of a redaction.

    `since`: when.
    """

    redaction: Redaction
    path: Path
    key: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class State:
    """How far the redaction of a file is.

    `ending`: None while it goes on.
    `progress`: what is done now, in a few words.
    `reason`: why it was rejected or put aside, or what failed.
    `covered`: how much is covered, by kind, such as ``FACE``.
    `is_counted`: whether `covered` is known.
    """

    ending: Ending | None = None
    progress: str = "waiting"
    reason: str = ""
    covered: Mapping[str, int] = field(default_factory=dict)
    is_counted: bool = True
