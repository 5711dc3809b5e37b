"""Photographs that were redacted: the latest of them, and one with its boxes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.reviews import PhotoReview, boxes_key
from safelight_contracts.redaction.service import settings_from_environment
from safelight_local.aws.clients import Clients
from safelight_local.aws.redacting import covered_by, logged_state
from safelight_local.aws.redaction_states import Ending, State
from safelight_local.aws.redactions import Redaction
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import Picture
from safelight_local.console.redactions.objects import Stored, find, read_review
from safelight_local.console.redactions.rows import LATEST, WAITING, Row, row_of

# S3 lists in order of keys. This many pages of 1,000 objects are looked through for the latest ones.
_PAGES = 5
_CALLS_AT_ONCE = 8


class PhotoList:
    """The latest photographs of a redaction. What has an outcome is not asked for again."""

    def __init__(self, clients: Clients, *, redaction: Redaction) -> None:
        self._clients, self._redaction = clients, redaction
        self._final: dict[tuple[str, str, datetime], Row] = {}

    def rows(self) -> tuple[list[Row], bool]:
        """List the latest photographs, and say whether the bucket has more objects than were looked through."""
        pages = self._clients.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._redaction.source_bucket, Prefix=self._redaction.source_prefix
        )
        found: list[Any] = []
        is_cut = False
        for page in islice(pages, _PAGES):
            found += (it for it in page.get("Contents", ()) if not it["Key"].endswith("/"))
            is_cut = page["IsTruncated"]
        latest = sorted(found, key=lambda it: it["LastModified"], reverse=True)[:LATEST]
        # HeadObject tells whole seconds.
        names = [(it["Key"], it["ETag"], it["LastModified"].replace(microsecond=0)) for it in latest]
        known = self._final
        with ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="photos") as threads:
            rows = list(threads.map(lambda name: known.get(name) or self._row(key=name[0], uploaded=name[2]), names))
        self._final = {name: row for name, row in zip(names, rows, strict=True) if row.is_final}
        return rows, is_cut

    def _row(self, *, key: str, uploaded: datetime) -> Row:
        state, copy = _state(self._clients, redaction=self._redaction, key=key, uploaded=uploaded)
        return row_of(
            state, id=key, key=key, started=uploaded, stopped=copy.modified if copy else None, otherwise=WAITING
        )


def read_photo(clients: Clients, *, redaction: Redaction, key: str) -> dict[str, Any]:
    """Describe one photograph for the page."""
    source = _source(clients, redaction=redaction, key=key)
    state, copy = _state(clients, redaction=redaction, key=key, uploaded=source.modified)
    row = row_of(
        state, id=key, key=key, started=source.modified, stopped=copy.modified if copy else None, otherwise=WAITING
    )
    target = redaction.destination_key(key)
    review = read_review(clients, bucket=redaction.reviews_bucket, key=boxes_key(target), read=PhotoReview.from_json)
    is_of_copy = review is not None and copy is not None and review.is_of(copy.metadata)
    settings = _settings(clients, redaction=redaction)
    return row.as_json() | {
        "kind": redaction.kind.value,
        "style": settings and settings.style.value,
        "before": {"bytes": source.bytes, "type": source.type},
        "after": copy and {"bytes": copy.bytes, "type": copy.type},
        "size": [review.width, review.height] if review and is_of_copy else None,
        "boxes": _boxes(review) if review and is_of_copy else None,
        "phases": [],
        "sheets": None,
        "video": None,
        "links": [],
    }


def photo_picture(clients: Clients, *, redaction: Redaction, key: str, name: str) -> Picture:
    """Return the photograph, or its copy: ``before`` or ``after``. No other object can be read."""
    source = _source(clients, redaction=redaction, key=key)
    if name == "before":
        return Picture(name=name, bucket=redaction.source_bucket, key=key, version_id=source.version_id)
    if name == "after":
        return Picture(name=name, bucket=redaction.destination_bucket, key=redaction.destination_key(key))
    raise NotFoundError("there is no such picture")


def _source(clients: Clients, *, redaction: Redaction, key: str) -> Stored:
    if not key.startswith(redaction.source_prefix):
        raise NotFoundError("there is no such photograph")
    found = find(clients, bucket=redaction.source_bucket, key=key) if key else None
    if found is None:
        raise NotFoundError("this photograph is no longer there")
    return found


def _state(clients: Clients, *, redaction: Redaction, key: str, uploaded: datetime) -> tuple[State, Stored | None]:
    """Return how the redaction of an upload has ended, and its copy. The copy of an earlier upload is none of it."""
    copy = find(clients, bucket=redaction.destination_bucket, key=redaction.destination_key(key))
    if copy is not None and copy.modified >= uploaded:
        return State(ending=Ending.REDACTED, covered=covered_by(copy.metadata)), copy
    return logged_state(clients, redaction=redaction, key=key, since=uploaded), None


def _settings(clients: Clients, *, redaction: Redaction) -> Redact | None:
    """Read how the function covers now. None if it does not say so, as that of another release."""
    function = clients.lambda_.get_function_configuration(FunctionName=redaction.arn)
    try:
        return settings_from_environment(function["Environment"]["Variables"]).redact
    except (KeyError, TypeError, ValueError):
        return None


def _boxes(review: PhotoReview) -> list[dict[str, Any]]:
    """Write boxes as parts of the width and the height."""
    return [
        {
            "kind": it.kind.value,
            "confidence": it.confidence,
            "left": it.left / review.width,
            "top": it.top / review.height,
            "width": it.width / review.width,
            "height": it.height / review.height,
        }
        for it in review.boxes
    ]
