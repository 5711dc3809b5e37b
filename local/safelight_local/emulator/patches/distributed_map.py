"""Distributed Map states.

ministack evaluates them in JSONPath only, and ignores ``ItemBatcher``, ``ResultWriter``, ``Map.Item.Source`` and the
fields that end with ``Path``. It starts the remaining child executions after too many have failed or the execution was
stopped, gives child executions the context object and the variables of their parent, and returns null for those that
failed. The history of an execution does not name its Map Runs.

`safelight_local.emulator.map_runs` says what is still different from Step Functions.
"""

from typing import Any

from safelight_local.emulator.map_runs.batches import child_inputs
from safelight_local.emulator.map_runs.items import input_items, selected_items
from safelight_local.emulator.map_runs.results import write_results
from safelight_local.emulator.map_runs.run import MapRun, start_map_run
from safelight_local.emulator.map_runs.state import MapState, Properties
from safelight_local.emulator.patches.nested_events import continue_after


def apply() -> None:
    """Replace the runner of Distributed Map states."""
    from ministack.services import stepfunctions

    stepfunctions._run_distributed_map = run_distributed_map


def run_distributed_map(
    definition: Properties, given: Any, effective: Any, processor: Properties, execution: Properties, ctx: Any
) -> tuple[object, object]:
    """Run one attempt of a Distributed Map state.

    Replaces ``ministack.services.stepfunctions._run_distributed_map``, whose arguments and result these are.
    """
    from ministack.services import stepfunctions

    state = MapState(definition=definition, given=given, effective=effective, context=ctx)
    length = 0 if "ItemReader" in definition else len(input_items(state))
    stepfunctions._add_event(execution, "MapStateStarted", {"mapStateStartedEventDetails": {"length": length}})
    run = start_map_run(state, parent=execution, processor=processor)
    details = {"mapRunStartedEventDetails": {"mapRunArn": run.arn}}
    started = stepfunctions._add_event(execution, "MapRunStarted", details)
    try:
        result = _result_of(run)
    except Exception as error:
        run.end("FAILED")
        name, cause = getattr(error, "error", "States.Runtime"), getattr(error, "cause", str(error))
        failed = {"mapRunFailedEventDetails": {"error": name, "cause": cause}}
        stepfunctions._add_event(execution, "MapRunFailed", failed)
        stepfunctions._add_event(execution, "MapStateFailed")
        raise
    if run.is_stopped:
        run.end("ABORTED")
        return given, None
    run.end("SUCCEEDED")
    stepfunctions._add_event(execution, "MapRunSucceeded")
    stepfunctions._add_event(execution, "MapStateSucceeded")
    continue_after(execution, event=started["id"])
    return _output_of(state, result), stepfunctions._next_or_end(definition)


def _result_of(run: MapRun) -> Any:
    from ministack.services import stepfunctions

    run.admit(child_inputs(run.state, selected_items(run.state)))
    run.run_children()
    result = write_results(run)
    if run.is_failed:
        raise stepfunctions._ExecutionError(
            "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
        )
    return result


def _output_of(state: MapState, result: Any) -> Any:
    from ministack.services import stepfunctions

    if state.is_jsonata:
        output = stepfunctions._apply_jsonata_output(
            state.definition, state.given, state.context, result=result, default=result
        )
        stepfunctions._apply_state_assign(state.definition, state.given, state.context, result=result)
        return output
    selected = stepfunctions._apply_result_selector(state.definition, result)
    output = stepfunctions._apply_result_path(state.definition, state.given, selected)
    return stepfunctions._apply_output_path(state.definition, output, state.context)
