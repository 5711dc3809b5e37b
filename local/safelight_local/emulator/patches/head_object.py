"""The result of ``aws-sdk:s3:headObject`` in a state machine.

ministack omits the storage class and the state of a restore. It returns the time in the format of HTTP. Step Functions
returns times in ISO 8601.
"""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import Any

_HEADERS = {"x-amz-storage-class": "StorageClass", "x-amz-restore": "Restore", "x-amz-archive-status": "ArchiveStatus"}


def apply() -> None:
    """Patch the integration of HeadObject."""
    from ministack.services import stepfunctions

    complete_head_object(stepfunctions)


def complete_head_object(stepfunctions: ModuleType) -> None:
    """Make a state machine's HeadObject return what AWS returns.

    `stepfunctions`: ``ministack.services.stepfunctions``. A table and a function are changed.
    """
    operation = stepfunctions._S3_OP_SPECS["HeadObject"]
    operation["header_outputs"].update(_HEADERS)
    convert: Callable[[Any], Any] = stepfunctions._convert_keys_to_sfn_convention

    def convert_with_time(result: Any) -> Any:
        converted = convert(result)
        if isinstance(converted, dict) and str(converted.get("LastModified", "")).endswith(" GMT"):
            stored = parsedate_to_datetime(converted["LastModified"])
            return converted | {"LastModified": f"{stored:%Y-%m-%dT%H:%M:%SZ}"}
        return converted

    stepfunctions._convert_keys_to_sfn_convention = convert_with_time  # type: ignore[attr-defined]
