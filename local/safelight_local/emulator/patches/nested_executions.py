"""Nested executions that are started by an alias.

ministack's ``startExecution.sync`` takes the ARN of an alias for the ARN of a state machine, and finds none.
"""

from collections.abc import Callable
from typing import Any

# A request or an answer.
Properties = dict[str, Any]


def apply() -> None:
    """Patch what starts nested executions."""
    from ministack.services import stepfunctions

    stepfunctions._nested_start_execution_request = find_by_alias(stepfunctions._nested_start_execution_request)


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
