"""A custom check: an upload must have a minimum number of bytes."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Return the answer of a check: `accepted`, `reason` and `detail`."""
    size, least = event["image"]["size"], event["check"]["least"]
    return {"accepted": size >= least, "reason": None if size >= least else "TOO_FEW_BYTES", "detail": {"size": size}}
