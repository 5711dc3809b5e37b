"""Events of the states inside a Map or a Parallel, and which event each event follows.

ministack writes no events for the states inside an inline Map or a branch of a Parallel, nor for the iterations of a
Map. Its events have no ``previousEventId``. Two threads that write at once can give two events the same id.

The order and the previous events are those of Step Functions, with two differences. ministack runs all iterations to
their end even if one fails, so none is aborted. Each iteration follows the start of its Map, although with
``MaxConcurrency`` Step Functions lets it follow the last event of an iteration that has ended.
"""

import copy
import json
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

# A state, an execution or an event.
Properties = dict[str, Any]


@dataclass(kw_only=True)
class MapRun:
    """One attempt of a Map whose iterations run now.

    `last`: the event that the end of the Map follows. None before an iteration has ended.
    """

    name: str
    last: int | None = None
    has_failed: bool = False


# The ARN of an execution and the id of its last event in this thread: a nested execution is another.
_previous: ContextVar[tuple[str, int]] = ContextVar("previous event", default=("", 0))
# The Map of the iteration that begins in this thread.
_beginning: ContextVar[MapRun | None] = ContextVar("map of the iteration", default=None)


def apply() -> None:
    """Patch the writer of events, and what runs the states inside a Map or Parallel."""
    from ministack.services import stepfunctions

    stepfunctions._add_event = chain_events(stepfunctions._add_event)
    stepfunctions._run_map_items = write_map(stepfunctions._run_map_items)
    stepfunctions._run_sub_machine = run_nested_states


def chain_events(add: Callable[..., Properties]) -> Callable[..., Properties]:
    """Wrap the writer of events: ids are unique, and each event names the one before it in its thread.

    `add`: ``ministack.services.stepfunctions._add_event``.
    """
    lock = threading.Lock()

    def add_chained(execution: Properties, event_type: str, details: Properties | None = None) -> Properties:
        with lock:
            event = add(execution, event_type, {"previousEventId": _last_event(execution)} | (details or {}))
        _previous.set((execution.get("executionArn", ""), event["id"]))
        return event

    return add_chained


def write_map(run: Callable[..., tuple[object, object]]) -> Callable[..., tuple[object, object]]:
    """Wrap one attempt of a Map so that its start and its end are written.

    `run`: ``ministack.services.stepfunctions._run_map_items``. It copies the context for each iteration.
    """
    from ministack.services import stepfunctions

    def run_written(state: Properties, given: object, execution: Properties, ctx: Any) -> tuple[object, object]:
        processor = state.get("Iterator") or state.get("ItemProcessor", {})
        if processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            return run(state, given, execution, ctx)
        started = {"mapStateStartedEventDetails": {"length": len(_items(state, given, ctx))}}
        stepfunctions._add_event(execution, "MapStateStarted", started)
        current = MapRun(name=ctx["State"]["Name"])
        before = _beginning.set(current)
        try:
            result = run(state, given, execution, ctx)
        except stepfunctions._ExecutionError:
            _continue_after(execution, current)
            stepfunctions._add_event(execution, "MapStateFailed")
            raise
        finally:
            _beginning.reset(before)
        _continue_after(execution, current)
        last = _previous.get()
        stepfunctions._add_event(execution, "MapStateSucceeded")
        # The exit follows the last iteration too.
        _previous.set(last)
        return result

    return run_written


def continue_after(execution: Properties, *, event: int) -> None:
    """Let the next event of this thread follow an event, although others were written since."""
    _previous.set((execution.get("executionArn", ""), event))


def run_nested_states(states: Properties, start_at: str, given: Any, execution: Properties, ctx: Any) -> Any:
    """Run the states of an iteration or a branch, and write their events.

    Replaces ``ministack.services.stepfunctions._run_sub_machine``, whose arguments and result these are.
    """
    from ministack.services import stepfunctions

    current = _beginning.get()
    if current is None:
        return _run_states(states, start_at, given, execution, ctx)
    # A Map or Parallel inside begins none of its iterations.
    _beginning.set(None)
    details = {"name": current.name, "index": ctx["Map"]["Item"]["Index"]}
    stepfunctions._add_event(execution, "MapIterationStarted", {"mapIterationStartedEventDetails": details})
    try:
        result = _run_states(states, start_at, given, execution, ctx)
    except Exception:
        if not current.has_failed:
            current.last, current.has_failed = _last_event(execution), True
        stepfunctions._add_event(execution, "MapIterationFailed", {"mapIterationFailedEventDetails": details})
        raise
    ended = stepfunctions._add_event(execution, "MapIterationSucceeded", {"mapIterationSucceededEventDetails": details})
    if not current.has_failed:
        current.last = ended["id"]
    return result


def _run_states(states: Properties, start_at: str, given: Any, execution: Properties, ctx: Any) -> Any:
    from ministack.services import stepfunctions

    name: Any = start_at
    value = copy.deepcopy(given)
    while name:
        state = states.get(name)
        if state is None:
            raise stepfunctions._ExecutionError("States.Runtime", f"State '{name}' not found")
        kind = state.get("Type")
        ctx["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
        entered = {"stateEnteredEventDetails": {"name": name, "input": json.dumps(value)}}
        stepfunctions._add_event(execution, f"{kind}StateEntered", entered)
        value, following = _run_state(state, value, execution, ctx)
        exited = {"stateExitedEventDetails": {"name": name, "output": json.dumps(value)}}
        stepfunctions._add_event(execution, f"{kind}StateExited", exited)
        name = following
    return value


def _run_state(state: Properties, given: Any, execution: Properties, ctx: Any) -> Any:
    """Run one state. Result: its output, and the name of the next one or None."""
    from ministack.services import stepfunctions

    match state.get("Type"):
        case "Succeed":
            given = stepfunctions._apply_input_path(state, given, ctx)
            return stepfunctions._apply_output_path(state, given, ctx), None
        case "Fail":
            raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, given, ctx))
        case "Task" | "Parallel" | "Map" as kind:
            return getattr(stepfunctions, f"_execute_{kind.lower()}")(state, given, execution, ctx)
        case "Pass" | "Choice" | "Wait" as kind:
            return getattr(stepfunctions, f"_execute_{kind.lower()}")(state, given, ctx)
        case kind:
            raise stepfunctions._ExecutionError("States.Runtime", f"Unknown state type: {kind}")


def _items(state: Properties, given: object, ctx: Any) -> list[object]:
    from ministack.services import stepfunctions

    if "Items" in state and stepfunctions._state_query_language(state, ctx) == "JSONata":
        items = stepfunctions._jsonata_state_field(state, "Items", "array", given, ctx)
    else:
        path = state.get("ItemsPath", "$")
        items = stepfunctions._resolve_path_or_ctx(path, stepfunctions._apply_input_path(state, given, ctx), ctx)
    return items if isinstance(items, list) else [items]


def _last_event(execution: Properties) -> int:
    arn, event = _previous.get()
    return event if arn == execution.get("executionArn", "") else 0


def _continue_after(execution: Properties, current: MapRun) -> None:
    if current.last is not None:
        continue_after(execution, event=current.last)
