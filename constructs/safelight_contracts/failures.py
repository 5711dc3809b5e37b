"""The failure that is recorded for an execution that ended without an outcome.

The sweeper records it, and `safelight retry` does if the sweeper has not. Both change the same attributes.
"""

import json
from datetime import datetime
from typing import Any

from safelight_contracts.records import Status, timestamp_of

FAILED = (
    "SET #STATUS = :failed, #DETAIL = :detail, #PLACE_ID = :placeId, #WORKFLOW = :workflow, #VERSION = :version,"
    " #BUCKET = :bucket, #VERSION_ID = :versionId, #EXECUTION_ARN = :execution, #UPDATED_AT = :now,"
    " #CREATED_AT = if_not_exists(#CREATED_AT, :now) REMOVE #CLAIMED_BY, #REASON, #ANNOUNCED_AT"
)
"""The change of the record, with the values of `failed_values`."""

STILL_CLAIMED = "#CLAIMED_BY = :execution AND attribute_not_exists(#STANDING)"
"""Holds while the execution has the claim. A published upload that it processes again stays published instead."""

NO_OUTCOME = "The execution ended before it recorded an outcome."
"""The cause of a failure whose execution has none of its own."""


def failed_values(
    *,
    name: str,
    cause: str,
    place_id: str,
    workflow: str,
    version: str,
    bucket: str,
    version_id: str | None,
    execution: str,
    now: datetime,
) -> dict[str, Any]:
    """Give the values of `FAILED` and `STILL_CLAIMED`, which DynamoDB's serializer converts.

    Parameters
    ----------
    name, cause
        The error, or the status of the execution and `NO_OUTCOME`.
    place_id
        The upload's place.
    workflow, version
        The workflow's id, and its version, such as `v5`.
    bucket, version_id
        The upload. An object that can be overwritten has no version id.
    execution
        The ARN of the execution that ended.
    now
        The present time.
    """
    return {
        ":failed": Status.FAILED.value,
        ":detail": json.dumps({"name": name, "cause": cause}),
        ":placeId": place_id,
        ":workflow": workflow,
        ":version": version,
        ":bucket": bucket,
        ":versionId": version_id,
        ":execution": execution,
        ":now": timestamp_of(now),
    }
