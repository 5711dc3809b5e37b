"""Distributed Map states in JSONata, and nested executions that are started by an alias.

ministack evaluates Distributed Map states in JSONPath only. Its ``startExecution.sync`` takes the ARN of an alias for
the ARN of a state machine, and finds none.
"""

from collections.abc import Callable
from typing import Any

# A state, a request or an answer.
Properties = dict[str, Any]


def apply() -> None:
    """Patch the runner of Distributed Map states, and what starts nested executions."""
    from ministack.services import stepfunctions

    stepfunctions._run_distributed_map = evaluate_jsonata(stepfunctions._run_distributed_map)
    stepfunctions._nested_start_execution_request = find_by_alias(stepfunctions._nested_start_execution_request)


def evaluate_jsonata(run: Callable[..., tuple[object, object]]) -> Callable[..., tuple[object, object]]:
    """Wrap ministack's runner of Distributed Map states so that it evaluates JSONata.

    `run`: ``ministack.services.stepfunctions._run_distributed_map``.
    """
    from ministack.services import stepfunctions

    def run_evaluated(
        state: Properties, raw_input: object, effective: object, iterator: Properties, execution: object, ctx: Any
    ) -> tuple[object, object]:
        if stepfunctions._state_query_language(state, ctx) != "JSONata":
            return run(state, raw_input, effective, iterator, execution, ctx)

        def evaluated(value: object, *, of: object = ctx) -> Any:
            return stepfunctions._apply_jsonata_template(value, raw_input, of)

        items = (
            _listed(stepfunctions._read_map_items(evaluated(state["ItemReader"]), effective, ctx))
            if "ItemReader" in state
            else evaluated(state["Items"])
        )
        if "ItemSelector" in state:
            items = [
                evaluated(state["ItemSelector"], of=ctx | {"Map": {"Item": {"Index": index, "Value": item}}})
                for index, item in enumerate(items)
            ]
        ready = {name: value for name, value in state.items() if name not in ("ItemReader", "ItemSelector", "Items")}
        for bound in ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage"):
            if bound in ready:
                ready[bound] = evaluated(ready[bound])
        results, following = run(ready, raw_input, items, iterator, execution, ctx)
        output = stepfunctions._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
        stepfunctions._apply_state_assign(state, raw_input, ctx, result=results)
        return output, following

    return run_evaluated


def _listed(items: list[Any]) -> list[Any]:
    """Quote entity tags, as S3 does in listings."""
    return [
        item | {"Etag": f'"{item["Etag"].strip(chr(34))}"'} if isinstance(item, dict) and "Etag" in item else item
        for item in items
    ]


def find_by_alias(request: Callable[[Properties], Properties]) -> Callable[[Properties], Properties]:
    """Wrap the function that builds the request for a nested execution so that it resolves aliases and versions.

    `request`: ``ministack.services.stepfunctions._nested_start_execution_request``.
    """
    from ministack.services import stepfunctions

    def request_by_alias(arguments: Properties) -> Properties:
        made = request(arguments)
        arn = made["stateMachineArn"]
        return made | {"stateMachineArn": stepfunctions._resolve_state_machine_arn(arn) or arn}

    return request_by_alias
