"""Copies of objects in archive storage classes.

ministack copies archived objects that were not restored. AWS refuses to copy them.
"""

from collections.abc import Callable
from types import ModuleType
from urllib.parse import parse_qs, unquote

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_FORBIDDEN = 403


def apply() -> None:
    """Patch CopyObject."""
    from ministack.services import s3

    reject_copies(s3)


def reject_copies(s3: ModuleType) -> None:
    """Make CopyObject reject an archived source.

    See "CopyObject" in the API reference of Amazon S3.

    `s3`: ``ministack.services.s3``. Its function is replaced.
    """
    copy: Callable[..., Answer] = s3._copy_object

    def copy_active(bucket: str, key: str, headers: dict[str, str]) -> Answer:
        path, _, query = headers.get("x-amz-copy-source", "").lstrip("/").partition("?")
        source, _, source_key = unquote(path).partition("/")
        versions = {name: values[0] for name, values in parse_qs(query).items()}
        status, _, body = s3._get_object(source, source_key, {}, versions)
        if status == _FORBIDDEN and b"<Code>InvalidObjectState<" in body:
            rejected: Answer = s3._error(
                "ObjectNotInActiveTierError",
                "The source object of the COPY action is not in the active tier",
                _FORBIDDEN,
                f"/{source}/{source_key}",
            )
            return rejected
        return copy(bucket, key, headers)

    s3._copy_object = copy_active  # type: ignore[attr-defined]
