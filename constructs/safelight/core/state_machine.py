"""An Amazon States Language file and its substitutions become a state machine."""

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
    aws_iam,
    aws_logs,
    aws_stepfunctions,
)
from constructs import Construct

from safelight.core.express import bound_for_express
from safelight.core.release import Invocable

_INVOKE = "arn:aws:states:::lambda:invoke"

DIRECT_INTEGRATIONS = {
    "arn:aws:states:::dynamodb:getItem": "dynamodb:GetItem",
    "arn:aws:states:::dynamodb:putItem": "dynamodb:PutItem",
    "arn:aws:states:::dynamodb:updateItem": "dynamodb:UpdateItem",
    "arn:aws:states:::dynamodb:deleteItem": "dynamodb:DeleteItem",
    "arn:aws:states:::events:putEvents": "events:PutEvents",
}
"""The service integrations that a definition may use on the records table and the event bus, and what each needs."""


def resources(definition: str) -> frozenset[str]:
    """Return the ``Resource`` of every Task of a definition, those within Map and Parallel states included."""
    return frozenset(_resources(json.loads(definition)))


def _resources(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("Type") == "Task" and isinstance(node.get("Resource"), str):
            yield node["Resource"]
        for child in node.values():
            yield from _resources(child)
    elif isinstance(node, list):
        for child in node:
            yield from _resources(child)


def make_state_machine(
    scope: Construct,
    id: str,
    *,
    machine_type: aws_stepfunctions.StateMachineType,
    definition: str,
    substitutions: Mapping[str, str],
    functions: Iterable[Invocable],
    records: aws_dynamodb.ITable,
    event_bus: aws_events.IEventBus,
    removal_policy: RemovalPolicy,
) -> aws_stepfunctions.StateMachine:
    """Make a state machine whose role may do what its definition does, and nothing more.

    Parameters
    ----------
    machine_type
        Standard or Express.
    definition
        ASL text.
    substitutions
        What its placeholders stand for.
    functions
        The functions it invokes.
    records, event_bus
        What its DynamoDB and EventBridge tasks work on. No permission is given for an integration that the
        definition does not use.
    """
    logs = aws_logs.LogGroup(
        scope,
        f"{id}Logs",
        log_group_name=vended_log_group_name(scope),
        retention=aws_logs.RetentionDays.ONE_MONTH,
        removal_policy=removal_policy,
    )
    machine = aws_stepfunctions.StateMachine(
        scope,
        id,
        # From text: `from_file` makes an S3 asset, which `cdk diff` does not show.
        definition_body=aws_stepfunctions.DefinitionBody.from_string(
            bound_for_express(definition) if machine_type is aws_stepfunctions.StateMachineType.EXPRESS else definition
        ),
        state_machine_type=machine_type,
        definition_substitutions=dict(substitutions),
        tracing_enabled=True,
        logs=aws_stepfunctions.LogOptions(
            destination=logs,
            level=aws_stepfunctions.LogLevel.ALL,
            # States carry labels of what an image shows; those belong in the record, not in a log.
            include_execution_data=False,
        ),
    )
    for function in functions:
        machine.add_to_role_policy(
            aws_iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.permitted])
        )
    integrations = resources(definition)
    unknown = integrations - DIRECT_INTEGRATIONS.keys() - {_INVOKE}
    if unknown:
        Annotations.of(scope).add_warning_v2(
            "safelight:integrations-without-permission",
            f"The definition uses {sorted(unknown)}: grant what they need by "
            "workflow.state_machine.add_to_role_policy. Safelight knows the permissions of its own integrations only.",
        )
    used = sorted(DIRECT_INTEGRATIONS[resource] for resource in integrations if resource in DIRECT_INTEGRATIONS)
    for service, arn in (("dynamodb", records.table_arn), ("events", event_bus.event_bus_arn)):
        actions = [action for action in used if action.startswith(f"{service}:")]
        if actions:
            machine.add_to_role_policy(aws_iam.PolicyStatement(actions=actions, resources=[arn]))
    if records.encryption_key:
        records.encryption_key.grant_encrypt_decrypt(machine)
    return machine


def vended_log_group_name(scope: Construct) -> str:
    """Name a log group under the prefix that keeps the account's one log delivery policy within its 5,120 characters.

    The end of the stack's own id is part of it: a group that was retained is not in the way of a stack made anew.
    """
    stack_id = Fn.select(2, Fn.split("/", Aws.STACK_ID))
    name = Names.unique_resource_name(scope, max_length=200, separator="-")
    return f"/aws/vendedlogs/states/{name}-{Fn.select(4, Fn.split('-', stack_id))}"
