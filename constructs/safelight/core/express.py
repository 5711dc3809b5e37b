"""Definitions as Express workflows, which end after five minutes."""

import json
from typing import Any

from safelight_contracts.executions import LONGEST_EXPRESS

# Waits of 1, 2, 4 and 8 s: the retries of one state take 15 s at most, so those of all states in a row end in time.
_MAX_ATTEMPTS = 4
_MAX_DELAY_SECONDS = 8


def limit_to_express(definition: str) -> str:
    """Return a definition in JSON whose retries end before Step Functions ends an Express execution."""
    document = json.loads(definition) | {"TimeoutSeconds": round(LONGEST_EXPRESS.total_seconds())}
    _bound_retries(document["States"])
    return json.dumps(document, indent=2, ensure_ascii=False)


def _bound_retries(states: dict[str, Any]) -> None:
    for state in states.values():
        for retrier in state.get("Retry", []):
            retrier["MaxAttempts"] = min(retrier.get("MaxAttempts", 3), _MAX_ATTEMPTS)
            if retrier["MaxAttempts"]:
                retrier["MaxDelaySeconds"] = min(retrier.get("MaxDelaySeconds", _MAX_DELAY_SECONDS), _MAX_DELAY_SECONDS)
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner is not None:
                _bound_retries(inner["States"])
