"""The ``Output`` of Succeed states.

ministack ignores the ``Output`` of a Succeed state in JSONata.
"""

from collections.abc import Callable
from typing import Any


def apply() -> None:
    """Patch the last step that ministack applies to a state's output."""
    from ministack.services import stepfunctions

    stepfunctions._apply_output_path = restore_succeed_output(stepfunctions._apply_output_path)


def restore_succeed_output(apply_output_path: Callable[..., object]) -> Callable[..., object]:
    """Wrap the last step that ministack applies to a state's output, so that it evaluates ``Output`` in JSONata.

    `apply_output_path`: ``ministack.services.stepfunctions._apply_output_path``.
    """
    from ministack.services import stepfunctions

    def apply_succeed_output(state: dict[str, Any], output: object, context: object = None) -> object:
        if state.get("Type") == "Succeed" and stepfunctions._state_query_language(state, context) == "JSONata":
            result: object = stepfunctions._apply_jsonata_output(state, output, context, default=output)
            return result
        return apply_output_path(state, output, context)

    return apply_succeed_output
