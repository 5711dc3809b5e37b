"""What a definition has to give up to run as an Express workflow, which ends after five minutes."""

import json
from typing import Any

# "Service quotas" in Step Functions' developer guide: an Express execution runs for five minutes at most.
_SECONDS = 300

# Waits of 1, 2, 4 and 8 s: one state's retries take 15 s at most, and those of every state in a row still end in time.
_MAX_ATTEMPTS = 4
_MAX_DELAY_SECONDS = 8


def limit_to_express(definition: str) -> str:
    """Return a definition whose retries end before an Express execution is cut off, with nothing recorded.

    Parameters
    ----------
    definition
        ASL in JSON.
    """
    document = json.loads(definition) | {"TimeoutSeconds": _SECONDS}
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
