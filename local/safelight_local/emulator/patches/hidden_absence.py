"""Reads of objects that are not there, by callers who may not list the bucket.

ministack answers 404 to whoever may read objects. AWS answers 404 only to those
with ``s3:ListBucket`` on the bucket, where ``s3:prefix`` is the key; everybody else gets 403. See "GetObject" and
"HeadObject" in the API reference of Amazon S3. For a version that is not there AWS documents nothing: here it is alike.
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

    hide_absence(s3)


def hide_absence(s3: ModuleType) -> None:
    """Replace GetObject and HeadObject by ones that ask for the permission to list.

    Parameters
    ----------
    s3 : ModuleType
        ``ministack.services.s3``; its functions are replaced.
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
    # The emulator's own reads, of a state machine for one, name nobody: permissions of those are not enforced at all.
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
