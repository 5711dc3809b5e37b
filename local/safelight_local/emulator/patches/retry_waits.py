"""The waits between a state's retries: spread at random, and as long as the state says.

ministack knows neither ``JitterStrategy`` nor ``MaxDelaySeconds``: whoever was
throttled together would come back together.
"""

import random
from collections.abc import Callable
from typing import Any

# A state's retrier, with the names that it has in the Amazon States Language.
Retrier = dict[str, Any]


def apply() -> None:
    """Patch the choice of a retrier."""
    from ministack.services import stepfunctions

    stepfunctions._find_matching_retrier = wait_as_told(stepfunctions._find_matching_retrier)


def wait_as_told(
    find: Callable[..., tuple[Retrier | None, int]],
) -> Callable[..., tuple[Retrier | None, int]]:
    """Wrap ministack's choice of a retrier so that the wait it asks for is made here, and none is left to make.

    Parameters
    ----------
    find : Callable
        ``ministack.services.stepfunctions._find_matching_retrier``.

    Returns
    -------
    Callable
        A function with the same arguments and answer.
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

    See "Error handling" in the developer guide of Step Functions: full jitter is a random wait between zero and the
    one without jitter.

    Parameters
    ----------
    retrier : dict
        With ``IntervalSeconds``, ``BackoffRate``, ``MaxDelaySeconds`` and ``JitterStrategy``, all optional.
    retries : int
        How many there were by this retrier.

    Returns
    -------
    float
        Seconds.
    """
    longest: float = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    longest = min(longest, retrier.get("MaxDelaySeconds", longest))
    return random.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest  # noqa: S311
