"""Objects in archive storage classes: what HEAD says to a state machine, and that they cannot be copied.

The version of ministack that the launcher names gives ``aws-sdk:s3:headObject`` neither the storage class nor what is
known of a restore, and copies archived objects that were not restored, which AWS refuses.
"""

from collections.abc import Callable
from types import ModuleType
from urllib.parse import parse_qs, unquote

# Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]

_FORBIDDEN = 403


def tell_storage_class(stepfunctions: ModuleType) -> None:
    """Have a state machine's HEAD of an object tell what the archive classes are about.

    Parameters
    ----------
    stepfunctions : ModuleType
        ``ministack.services.stepfunctions``; one of its tables is changed.
    """
    outputs = stepfunctions._S3_OP_SPECS["HeadObject"]["header_outputs"]
    outputs["x-amz-storage-class"] = "StorageClass"
    outputs["x-amz-restore"] = "Restore"
    outputs["x-amz-archive-status"] = "ArchiveStatus"


def refuse_copies(s3: ModuleType) -> None:
    """Replace CopyObject by one that refuses a source in an archive.

    See "CopyObject" in the API reference of Amazon S3.

    Parameters
    ----------
    s3 : ModuleType
        ``ministack.services.s3``; its function is replaced.
    """
    copy: Callable[..., Answer] = s3._copy_object

    def copy_active(bucket: str, key: str, headers: dict[str, str]) -> Answer:
        path, _, query = headers.get("x-amz-copy-source", "").lstrip("/").partition("?")
        source, _, source_key = unquote(path).partition("/")
        versions = {name: values[0] for name, values in parse_qs(query).items()}
        status, _, body = s3._get_object(source, source_key, {}, versions)
        if status == _FORBIDDEN and b"<Code>InvalidObjectState<" in body:
            refused: Answer = s3._error(
                "ObjectNotInActiveTierError",
                "The source object of the COPY action is not in the active tier",
                _FORBIDDEN,
                f"/{source}/{source_key}",
            )
            return refused
        return copy(bucket, key, headers)

    s3._copy_object = copy_active
