"""A Map state with its input, and its fields in both query languages."""

from dataclasses import dataclass
from typing import Any

# A state, a part of a state, an execution or a context.
Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MapState:
    """A Map state that is being run.

    `given`: its input. `effective`: what ``InputPath`` selects of it. `context`: the context object.
    """

    definition: Properties
    given: Any
    effective: Any
    context: Properties

    @property
    def is_jsonata(self) -> bool:
        """Whether its fields are in JSONata. Otherwise they are in JSONPath."""
        from ministack.services import stepfunctions

        return bool(stepfunctions._state_query_language(self.definition, self.context) == "JSONata")

    def evaluate(self, template: object, *, item: Properties | None = None) -> Any:
        """Evaluate a field. With `item`, the context object has it as ``Map.Item``."""
        from ministack.services import stepfunctions

        context = self.context if item is None else self.context | {"Map": {"Item": item}}
        if self.is_jsonata:
            return stepfunctions._apply_jsonata_template(template, self.given, context)
        return stepfunctions._resolve_params_obj(template, self.effective, context)

    def arguments(self, field: Properties) -> Properties:
        """Evaluate the ``Arguments`` or ``Parameters`` of a reader or writer."""
        evaluated: Properties = self.evaluate(field.get("Arguments" if self.is_jsonata else "Parameters", {}))
        return evaluated

    def number(self, name: str, *, field: Properties) -> float | None:
        """Evaluate a number, which is an expression in JSONata and ``{name}Path`` in JSONPath. None if it is absent."""
        from ministack.services import stepfunctions

        if not self.is_jsonata and f"{name}Path" in field:
            value = stepfunctions._resolve_path_or_ctx(field[f"{name}Path"], self.effective, self.context)
        elif name in field:
            value = self.evaluate(field[name])
        else:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            error = "States.QueryEvaluationError" if self.is_jsonata else "States.Runtime"
            raise stepfunctions._ExecutionError(error, f"{name} must be a number of at least 0, and it is {value!r}")
        return value
