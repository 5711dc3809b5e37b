"""The largest input and output of states, tasks and executions.

ministack passes data of any size. Step Functions allows 262,144 bytes of JSON in UTF-8: a task with a larger result and
a state with a larger output fail with ``States.DataLimitExceeded``, which ``States.ALL`` does not match. See "Quotas"
and "Error handling" in the developer guide of Step Functions.

A catcher can name the error of a task. It cannot catch the output of its own state here.
"""

import json
from collections.abc import Callable
from typing import Any

from safelight_local.emulator.map_runs.batches import LARGEST_INPUT, json_size

# A request, an execution or an event.
Properties = dict[str, Any]

_ERROR = "States.DataLimitExceeded"


def apply() -> None:
    """Patch what runs tasks, starts executions, writes the output of states, and matches errors."""
    from ministack.services import stepfunctions

    stepfunctions._invoke_resource = limit_result(stepfunctions._invoke_resource)
    stepfunctions._invoke_with_callback = limit_result(stepfunctions._invoke_with_callback)
    stepfunctions._add_event = limit_output(stepfunctions._add_event)
    stepfunctions._start_execution = limit_input(stepfunctions._start_execution)
    stepfunctions._error_matches = match_by_name(stepfunctions._error_matches)


def limit_result(invoke: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs a task so that a larger result fails it.

    `invoke`: ``_invoke_resource`` or ``_invoke_with_callback`` of ``ministack.services.stepfunctions``.
    """

    def invoke_limited(resource: str, *arguments: Any) -> Any:
        result = invoke(resource, *arguments)
        if json_size(result) > LARGEST_INPUT:
            raise _too_large(resource)
        return result

    return invoke_limited


def limit_output(add: Callable[..., Properties]) -> Callable[..., Properties]:
    """Wrap the writer of events so that a state with a larger output fails.

    `add`: ``ministack.services.stepfunctions._add_event``.
    """

    def add_limited(execution: Properties, event_type: str, details: Properties | None = None) -> Properties:
        left = (details or {}).get("stateExitedEventDetails")
        if left is not None and _is_too_large(left["output"]):
            raise _too_large(left["name"])
        return add(execution, event_type, details)

    return add_limited


def limit_input(start: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    """Wrap ``StartExecution`` so that it refuses a larger input.

    `start`: ``ministack.services.stepfunctions._start_execution``.
    """
    from ministack.services import stepfunctions

    def start_limited(request: Properties) -> Any:
        if len(request.get("input", "").encode()) > LARGEST_INPUT:
            message = (
                "1 validation error detected: Value at 'input' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LARGEST_INPUT}"
            )
            return stepfunctions.error_response_json("ValidationException", message, 400)
        return start(request)

    return start_limited


def match_by_name(matches: Callable[[list[str], str], bool]) -> Callable[[list[str], str], bool]:
    """Wrap the match of an error so that ``States.ALL`` does not match data that is too large.

    `matches`: ``ministack.services.stepfunctions._error_matches``.
    """

    def matches_by_name(wanted: list[str], error: str) -> bool:
        return matches([it for it in wanted if it != "States.ALL"] if error == _ERROR else wanted, error)

    return matches_by_name


def _is_too_large(text: str) -> bool:
    # The text has spaces and escapes, so it is never shorter than the JSON that counts.
    return len(text) > LARGEST_INPUT and json_size(json.loads(text)) > LARGEST_INPUT


def _too_large(name: str) -> Exception:
    from ministack.services import stepfunctions

    cause = (
        f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    error: Exception = stepfunctions._ExecutionError(_ERROR, cause)
    return error
