"""IAM policy statements."""

from collections.abc import Iterable

from aws_cdk import ArnFormat, Stack, aws_iam, aws_stepfunctions

from safelight_contracts.release import ALIAS


def statement(
    *actions: str, on: str | list[str], conditions: dict[str, object] | None = None
) -> aws_iam.PolicyStatement:
    """Return a statement that allows actions on a resource."""
    resources = [on] if isinstance(on, str) else on
    return aws_iam.PolicyStatement(actions=list(actions), resources=resources, conditions=conditions)


def allow(role: aws_iam.Role, *actions: str, on: str, conditions: dict[str, object] | None = None) -> None:
    """Allow a role actions on one resource."""
    role.add_to_policy(statement(*actions, on=on, conditions=conditions))


def leading_keys(partitions: Iterable[str]) -> dict[str, object]:
    """Return the condition that limits a statement on a table to partitions, which may end with ``*``."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}


def start_executions(state_machine: aws_stepfunctions.IStateMachine) -> aws_iam.PolicyStatement:
    """Return a statement that allows starting executions of the alias ``live``.

    Step Functions checks the state machine's own ARN, with the alias as a condition key. A statement on the alias's
    ARN allows nothing.
    """
    conditions: dict[str, object] = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": [ALIAS]}}
    return statement("states:StartExecution", on=state_machine.state_machine_arn, conditions=conditions)


def executions_of(state_machine: aws_stepfunctions.StateMachine, *, map_label: str | None = None) -> str:
    """Return the ARN pattern of a state machine's executions, or of the child executions of its Distributed Map."""
    label = "" if map_label is None else f"/{map_label}"
    return Stack.of(state_machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{state_machine.state_machine_name}{label}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
