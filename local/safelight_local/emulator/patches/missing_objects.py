"""Reads of missing objects by callers who may not list the bucket.

ministack answers 404 to every caller that may read objects. AWS answers 404 only to callers with ``s3:ListBucket`` on
the bucket, where ``s3:prefix`` is the key. All other callers get 403. See "GetObject" and "HeadObject" in the API
reference of Amazon S3. AWS does not document what it answers for a missing version. This patch treats it like a missing
object.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_NOT_FOUND = 404


def apply() -> None:
    """Patch GetObject and HeadObject."""
    from ministack.services import s3

    require_list_permission(s3)


def require_list_permission(s3: ModuleType) -> None:
    """Make GetObject and HeadObject check the permission to list.

    `s3`: ``ministack.services.s3``. Its functions are replaced.
    """
    for name in ("_get_object", "_head_object"):
        setattr(s3, name, _hiding(getattr(s3, name), s3=s3))


def _hiding(read: Callable[..., Answer], *, s3: ModuleType) -> Callable[..., Answer]:
    def read_hiding(
        bucket: str, key: str, headers: dict[str, str] | None = None, query: dict[str, Any] | None = None
    ) -> Answer:
        answer = read(bucket, key, headers or {}, query or {})
        if answer[0] != _NOT_FOUND or b"<Code>NoSuchBucket<" in answer[2] or _may_list(bucket, key, headers, query):
            return answer
        denied: Answer = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
        return denied

    return read_hiding


def _may_list(bucket: str, key: str, headers: dict[str, str] | None, query: dict[str, Any] | None) -> bool:
    from ministack import app
    from ministack.core.iam_evaluator import enforce
    from ministack.core.router import extract_access_key_id, extract_region

    caller = extract_access_key_id(headers or {}, query or {})
    # The emulator's own reads, such as those of a state machine, have no caller. Their permissions are not enforced.
    if not app.AUTH or not caller:
        return True
    denied = enforce(
        caller,
        "s3:ListBucket",
        "s3",
        extract_region(headers or {}, query or {}),
        resource_arn=f"arn:aws:s3:::{bucket}",
        service_context={"s3:prefix": key},
    )
    return denied is None
