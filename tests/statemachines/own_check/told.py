"""A check that answers what its settings say."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> Any:  # noqa: ARG001 - Lambda's signature
    answer = event["check"]["answer"]
    if answer == "everything":
        return {"accepted": False, "reason": "TOLD", "detail": event}
    if answer == "error":
        raise RuntimeError("broken")
    if answer == "large":
        return {"accepted": False, "reason": "LARGE", "detail": {"text": "x" * 100_000}}
    return answer
