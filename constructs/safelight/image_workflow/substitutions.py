"""The values of a definition's placeholders: pinned functions, resources and routes."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Fn, Stack, aws_lambda
from constructs import Construct

from safelight.core.release import PinnedFunction, pin_function
from safelight.image_workflow.checks import CheckKind
from safelight.image_workflow.definitions import Definition, function_placeholder
from safelight.image_workflow.plan import Plan
from safelight.image_workflow.settings import StepSettings


@dataclass(frozen=True, kw_only=True)
class Substitutions:
    """The values of a definition's placeholders.

    Parameters
    ----------
    values
        By the name of the placeholder.
    functions
        Every function that the definition invokes, each once.
    """

    values: Mapping[str, str]
    functions: tuple[PinnedFunction, ...]


def make_substitutions(
    scope: Construct,
    *,
    definition: Definition,
    plan: Plan,
    functions: Mapping[str, aws_lambda.IFunction],
    settings: StepSettings,
) -> Substitutions:
    """Pin the functions that a definition invokes, and give its placeholders their values.

    Parameters
    ----------
    functions
        The functions of the steps, and the user's own, by the names that the definition has for them.
    """
    invoked = {name: pin_function(function, scope=scope) for name, function in functions.items()}
    checks = {kind.value: invoked[kind.step] for kind in CheckKind if kind.step in invoked} | {
        name: pin_function(function, scope=scope) for name, function in plan.custom_functions.items()
    }
    resources = {
        "RecordsTableName": settings.records.table_name,
        "WorkflowId": settings.workflow_id,
        "EventBusName": settings.event_bus.event_bus_arn,
        "KeyPrefix": settings.key_prefix,
        "Routes": plan.encoded_routes,
        # CloudFormation encodes them: ARNs are tokens until then.
        "Checks": Fn.base64(Stack.of(scope).to_json_string({name: function.arn for name, function in checks.items()})),
        "OnReject": settings.on_reject.value,
    }
    placeholders = {function_placeholder(name): name for name in invoked}
    return Substitutions(
        values={
            **{
                placeholder: invoked[name].arn
                for placeholder, name in placeholders.items()
                if placeholder in definition.placeholders
            },
            **{name: resources[name] for name in definition.resource_placeholders},
        },
        functions=tuple({function.arn: function for function in (*invoked.values(), *checks.values())}.values()),
    )
