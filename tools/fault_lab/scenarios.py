"""The scenarios: what is uploaded where, and its outcome without a fault."""

from dataclasses import dataclass, replace

from tools.fault_lab.lab import DELETING, KEEPING, QUARANTINING

ANY_TIMES = " (once or more)"
"""Suffix of an event that can be sent again with each message about it."""
NOTHING_LEFT = "0"
"""The value of `Ending.left_over` if everything is consistent."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The outcome of an upload, found or expected.

    `outcome`: the status and the reason in its record, after the sweeper ran.
    `renditions`: Number of objects of the execution in the published bucket.
    `original`: ``kept``, ``quarantined`` or ``gone``.
    `left_over`: Inconsistencies: renditions that should be removed, a record that is ``PROCESSING``, an asset or an
    event that differs. `NOTHING_LEFT` if everything is consistent.
    `rejected`: the outcome of a retry or reprocess that rejects the upload, after the fault. ``-`` if there was none.
    `reprocessed`: the outcome of a reprocess after that, which accepts the upload. ``-`` if there was none.
    """

    outcome: str
    execution: str
    events: str
    renditions: int
    original: str
    left_over: str = NOTHING_LEFT
    rejected: str = "-"
    reprocessed: str = "-"


PUBLISHED = Ending(outcome="PUBLISHED", execution="SUCCEEDED", events="Image Published", renditions=2, original="kept")
REJECTED = Ending(
    outcome="REJECTED IMAGE_TOO_SMALL", execution="SUCCEEDED", events="Image Rejected", renditions=0, original="kept"
)
FAILED = Ending(outcome="FAILED", execution="FAILED", events="Image Failed", renditions=0, original="kept")
_REFUSED = "REJECTED FAILED_MODERATION, 0 public"
OTHER_STANDS = "REJECTED FAILED_MODERATION, 2 public"
REJECTED_AGAIN = "REJECTED IMAGE_TOO_SMALL, 0 public"
_NOT_THERE = "REJECTED WITHDRAWN, 0 public"
_AGAIN = "PUBLISHED, 2 public"


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is uploaded where.

    `place_type`: the type of its place, which chooses its checks.
    `ending`: the outcome without a fault.
    `rejected`, `reprocessed`: the outcomes of the retry that rejects it, and of the reprocess after that.
    """

    name: str
    workflow: str = KEEPING
    place_type: str = "park"
    ending: Ending
    rejected: str = _REFUSED
    reprocessed: str = _AGAIN


JPEG = Scenario(name="jpeg", ending=PUBLISHED)
PNG = Scenario(name="png", ending=PUBLISHED)
RESTAURANT = Scenario(name="restaurant", place_type="restaurant", ending=PUBLISHED)
KIOSK = Scenario(
    name="kiosk",
    place_type="kiosk",
    ending=PUBLISHED,
    rejected="REJECTED MISSING_LABELS, 0 public",
)
COVERED = Scenario(name="covered", place_type="street", ending=PUBLISHED)
"""An upload whose route covers faces and plates."""
REPLACEMENT = Scenario(name="replacement", ending=PUBLISHED)
"""The newer upload of a key."""
REPROCESSED = Scenario(name="reprocessed", ending=PUBLISHED)
"""A published upload that is reprocessed and published again."""
REJECTED_LATER = Scenario(
    name="rejected-later",
    ending=replace(REJECTED, outcome="REJECTED FAILED_MODERATION"),
)
"""A published upload that is reprocessed and rejected."""
SUPERSEDED_LATE = Scenario(
    name="late",
    ending=replace(REJECTED, outcome="REJECTED SUPERSEDED"),
    rejected=OTHER_STANDS,
    reprocessed="REJECTED SUPERSEDED, 2 public",
)
"""An older upload whose event arrives after a newer one is published."""
TOO_SMALL = Scenario(
    name="small",
    ending=REJECTED,
    rejected=REJECTED_AGAIN,
    reprocessed=REJECTED_AGAIN,
)
QUARANTINED = Scenario(
    name="quarantined",
    workflow=QUARANTINING,
    ending=replace(REJECTED, original="quarantined"),
    rejected=_NOT_THERE,
    reprocessed=_NOT_THERE,
)
DELETED = Scenario(
    name="deleted",
    workflow=DELETING,
    ending=replace(REJECTED, original="gone"),
    rejected=_NOT_THERE,
    reprocessed=_NOT_THERE,
)
WITHDRAWN = Scenario(
    name="withdrawn",
    workflow=DELETING,
    ending=replace(PUBLISHED, outcome="WITHDRAWN", events="Image Published, Image Withdrawn", renditions=0),
    rejected="WITHDRAWN, 0 public",
    reprocessed="WITHDRAWN, 0 public",
)
"""A published upload whose owner deletes the object. The version stays, behind a delete marker."""
