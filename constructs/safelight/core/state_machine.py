"""State machines: their log group, their definition, and the permissions that its Tasks need."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aws_cdk import (
    Annotations,
    Aws,
    Fn,
    Names,
    RemovalPolicy,
    aws_dynamodb,
    aws_events,
    aws_kms,
    aws_logs,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.encryption import allow_log_delivery, allow_state_machine_data, allow_table_data
from safelight.core.express import limit_to_express
from safelight.core.permissions import statement
from safelight.core.release import PinnedFunction
from safelight.core.service_principals import every_state_machine, trust_own_state_machines

# The default of Step Functions, and its maximum is 900.
_DATA_KEY_REUSE_SECONDS = 300

_INVOKE = "arn:aws:states:::lambda:invoke"

DIRECT_INTEGRATIONS = {
    "arn:aws:states:::dynamodb:getItem": "dynamodb:GetItem",
    "arn:aws:states:::dynamodb:putItem": "dynamodb:PutItem",
    "arn:aws:states:::dynamodb:updateItem": "dynamodb:UpdateItem",
    "arn:aws:states:::dynamodb:deleteItem": "dynamodb:DeleteItem",
    "arn:aws:states:::events:putEvents": "events:PutEvents",
}
"""The service integrations that a definition may use on a table and an event bus, and the action that each needs."""


def resources(definition: str) -> frozenset[str]:
    """Return the ``Resource`` of every Task of a definition, including those in Map and Parallel states."""
    return frozenset(
        state["Resource"]
        for state in states_of(definition)
        if state["Type"] == "Task" and isinstance(state.get("Resource"), str)
    )


def states_of(definition: str) -> Iterator[dict[str, Any]]:
    """Yield every state of a definition, including those in Map and Parallel states."""
    yield from _states(json.loads(definition))


def _states(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "Type" in node:
            yield node
        for child in node.values():
            yield from _states(child)
    elif isinstance(node, list):
        for child in node:
            yield from _states(child)


def make_log_group(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_logs.LogGroup:
    """Make the log group of a state machine, which keeps its lines for one month."""
    return aws_logs.LogGroup(
        scope,
        id,
        log_group_name=_vended_log_group_name(scope, id),
        encryption_key=encryption_key,
        retention=aws_logs.RetentionDays.ONE_MONTH,
        removal_policy=removal_policy,
    )


def make_state_machine(
    scope: Construct,
    id: str,
    *,
    definition: str,
    substitutions: Mapping[str, str],
    log_group: aws_logs.LogGroup,
    encryption_key: aws_kms.IKey | None,
    log_level: aws_stepfunctions.LogLevel,
    machine_type: aws_stepfunctions.StateMachineType | None = None,
) -> aws_stepfunctions.StateMachine:
    """Make a state machine that is traced and logged. Its role may do nothing else yet.

    Parameters
    ----------
    definition
        ASL text with placeholders.
    substitutions
        The values of the placeholders.
    encryption_key
        Encrypts the definition and the history of executions. ``None`` encrypts with Step Functions' own key.
    log_level
        Which events of executions are logged.
    machine_type
        Default: Standard.
    """
    state_machine = aws_stepfunctions.StateMachine(
        scope,
        id,
        # `from_file` makes an S3 asset, whose content `cdk diff` does not show.
        definition_body=aws_stepfunctions.DefinitionBody.from_string(
            limit_to_express(definition) if machine_type is aws_stepfunctions.StateMachineType.EXPRESS else definition
        ),
        state_machine_type=machine_type,
        definition_substitutions=dict(substitutions),
        tracing_enabled=True,
        logs=aws_stepfunctions.LogOptions(
            destination=log_group,
            level=log_level,
            # The data of states can be personal, such as what an image shows. It does not belong in a log.
            include_execution_data=False,
        ),
    )
    trust_own_state_machines(state_machine)
    # Takes CloudFormation's DefinitionSubstitutions for parameters of a forgotten Fn::Sub.
    accept_lint_finding(state_machine, "E1029")
    if encryption_key:
        _encrypt(state_machine, encryption_key)
    return state_machine


def accept_lint_finding(state_machine: aws_stepfunctions.StateMachine, *rules: str) -> None:
    """Tell cfn-lint, in the template's metadata, to ignore what its rules wrongly find in a state machine."""
    l1 = state_machine.node.default_child
    assert isinstance(l1, aws_stepfunctions.CfnStateMachine)  # noqa: S101
    ignored = (l1.get_metadata("cfn-lint") or {"config": {"ignore_checks": []}})["config"]["ignore_checks"]
    l1.add_metadata("cfn-lint", {"config": {"ignore_checks": [*ignored, *rules]}})


def permit_tasks(
    state_machine: aws_stepfunctions.StateMachine,
    *,
    definition: str,
    functions: Iterable[PinnedFunction],
    table: aws_dynamodb.ITable,
    event_bus: aws_events.IEventBus,
) -> None:
    """Allow a state machine what the Tasks of its definition do. A warning names integrations it cannot allow.

    Parameters
    ----------
    functions
        The functions that the definition invokes.
    table, event_bus
        The resources of its DynamoDB and EventBridge tasks.
    """
    for function in functions:
        state_machine.add_to_role_policy(statement("lambda:InvokeFunction", on=function.permitted))
    integrations = resources(definition)
    unknown = integrations - DIRECT_INTEGRATIONS.keys() - {_INVOKE}
    if unknown:
        Annotations.of(state_machine.node.scope or state_machine).add_warning_v2(
            "safelight:integrations-without-permission",
            f"The definition uses {sorted(unknown)}. Grant the permissions that they need with "
            "workflow.state_machine.add_to_role_policy. Safelight only knows the permissions of its own integrations.",
        )
    used = sorted(DIRECT_INTEGRATIONS[resource] for resource in integrations if resource in DIRECT_INTEGRATIONS)
    for service, arn in (("dynamodb", table.table_arn), ("events", event_bus.event_bus_arn)):
        actions = [action for action in used if action.startswith(f"{service}:")]
        if actions:
            state_machine.add_to_role_policy(statement(*actions, on=arn))
    allow_table_data(state_machine, table)


def _encrypt(state_machine: aws_stepfunctions.StateMachine, key: aws_kms.IKey) -> None:
    """Encrypt a state machine. The CDK's own option needs a fixed name, and opens the key to log delivery at large."""
    l1 = state_machine.node.default_child
    assert isinstance(l1, aws_stepfunctions.CfnStateMachine)  # noqa: S101
    l1.encryption_configuration = aws_stepfunctions.CfnStateMachine.EncryptionConfigurationProperty(
        type="CUSTOMER_MANAGED_KMS_KEY",
        kms_key_id=key.key_arn,
        kms_data_key_reuse_period_seconds=_DATA_KEY_REUSE_SECONDS,
    )
    # The state machine depends on its role's policy, which therefore cannot name the state machine.
    allow_state_machine_data(state_machine, key, state_machine_arn=every_state_machine(state_machine))
    allow_log_delivery(state_machine, key, scope=state_machine)


def _vended_log_group_name(scope: Construct, id: str) -> str:
    """Return a name under the prefix that needs no entry in the account's one log delivery policy of 5,120 characters.

    The stack's UUID is part of the name, so that a retained log group does not block a new stack. It is the whole UUID,
    because the segments of a UUID are not unique.
    """
    stack_uuid = Fn.select(2, Fn.split("/", Aws.STACK_ID))
    name = Names.unique_resource_name(scope, max_length=200, separator="-")
    return f"/aws/vendedlogs/states/{name}-{id}-{stack_uuid}"
