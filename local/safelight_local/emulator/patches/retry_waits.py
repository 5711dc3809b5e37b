"""The waits between a state's retries.

ministack ignores ``JitterStrategy`` and ``MaxDelaySeconds``. Without jitter, executions that were throttled together
retry together.
"""

import random
from collections.abc import Callable
from typing import Any

# A state's retrier, in the Amazon States Language.
Retrier = dict[str, Any]


def apply() -> None:
    """Patch the choice of a retrier."""
    from ministack.services import stepfunctions

    stepfunctions._find_matching_retrier = wait_between_retries(stepfunctions._find_matching_retrier)


def wait_between_retries(
    find: Callable[..., tuple[Retrier | None, int]],
) -> Callable[..., tuple[Retrier | None, int]]:
    """Wrap ministack's choice of a retrier: wait as the retrier says, and return it with no wait left.

    `find`: ``ministack.services.stepfunctions._find_matching_retrier``.
    """
    from ministack.services import stepfunctions

    def find_and_wait(retriers: list[Retrier], error: str, retry_counts: dict[int, int]) -> tuple[Retrier | None, int]:
        retrier, index = find(retriers, error, retry_counts)
        if retrier is None:
            return None, index
        stepfunctions._scaled_sleep(seconds_to_wait(retrier, retries=retry_counts.get(index, 0)))
        return {**retrier, "IntervalSeconds": 0}, index

    return find_and_wait


def seconds_to_wait(retrier: Retrier, *, retries: int) -> float:
    """Choose how long to wait before a retry.

    See "Error handling" in the developer guide of Step Functions. Full jitter is a random wait between zero and the
    wait without jitter.

    `retrier`: with ``IntervalSeconds``, ``BackoffRate``, ``MaxDelaySeconds`` and ``JitterStrategy``, all optional.

    Result: seconds.
    """
    longest: float = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    longest = min(longest, retrier.get("MaxDelaySeconds", longest))
    return random.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest  # noqa: S311
