"""Expiration of objects by lifecycle rules.

ministack stores lifecycle rules and never applies them. AWS applies them once a day. This patch applies a rule once,
when it is put: if the date of its ``Expiration`` is in the past, it deletes the objects under its prefix. It does not
apply expiration after days, transitions, noncurrent versions, tags or sizes.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_expiring: ContextVar[bool] = ContextVar("expiring", default=False)


def apply() -> None:
    """Patch PutBucketLifecycleConfiguration."""
    from ministack.services import s3

    apply_lifecycle_rules(s3)


def apply_lifecycle_rules(s3: ModuleType) -> None:
    """Make PutBucketLifecycleConfiguration apply the rules.

    `s3`: ``ministack.services.s3``. Its function is replaced.
    """
    put: Callable[[str, bytes], Answer] = s3._put_bucket_lifecycle

    def put_and_apply(bucket: str, body: bytes) -> Answer:
        answer = put(bucket, body)
        rules = s3._bucket_lifecycle.get(bucket)
        if answer[0] == 200 and isinstance(rules, list):
            token = _expiring.set(True)
            for key in list(_expired(rules, keys=list(s3._buckets[bucket]["objects"]))):
                s3._delete_object(bucket, key, {}, {})
            _expiring.reset(token)
        return answer

    s3._put_bucket_lifecycle = put_and_apply  # type: ignore[attr-defined]


def as_expiration(detail: dict[str, Any]) -> dict[str, Any]:
    """Return the detail of an event as S3 sends it for a deletion by a lifecycle rule.

    `detail`: the detail of ``Object Deleted``.

    Result: Unchanged if no rule is being applied.
    """
    if not _expiring.get():
        return detail
    kept = {name: value for name, value in detail.items() if name != "source-ip-address"}
    return kept | {"requester": "s3.amazonaws.com", "reason": "Lifecycle Expiration"}


def _expired(rules: list[dict[str, Any]], *, keys: list[str]) -> Iterator[str]:
    for rule in rules:
        date = rule.get("Expiration", {}).get("Date")
        if rule["Status"] == "Enabled" and date and datetime.fromisoformat(date) <= datetime.now(UTC):
            prefix = rule["Filter"].get("Prefix", "")
            yield from (key for key in keys if key.startswith(prefix))
