"""AWS services that may act for a workflow, limited to its own account."""

from aws_cdk import ArnFormat, Stack, aws_iam, aws_stepfunctions
from constructs import Construct


def only_for(scope: Construct, *, source_arn: str) -> dict[str, dict[str, str]]:
    """Return the conditions by which a service acts only for sources of the stack's account.

    Parameters
    ----------
    source_arn
        The ARN that the service sends as the source of a request. Can be a pattern.

    References
    ----------
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return {
        "StringEquals": {"aws:SourceAccount": Stack.of(scope).account},
        "ArnLike": {"aws:SourceArn": source_arn},
    }


def every_rule(scope: Construct) -> str:
    """Return the ARN pattern of the stack's EventBridge rules. The ARN of one rule would depend on its role."""
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name="*")


def event_bridge(scope: Construct) -> aws_iam.ServicePrincipal:
    """Return EventBridge as it assumes the role of a target, for rules of this account and region."""
    return aws_iam.ServicePrincipal("events.amazonaws.com", conditions=only_for(scope, source_arn=every_rule(scope)))


def every_state_machine(scope: Construct) -> str:
    """Return the ARN pattern of the stack's state machines. The ARN of one state machine would depend on its role."""
    return Stack.of(scope).format_arn(
        service="states", resource="stateMachine", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )


def trust_own_state_machines(state_machine: aws_stepfunctions.StateMachine) -> None:
    """Let Step Functions assume the role that the CDK made for a state machine for this account and region only.

    References
    ----------
    "Prevent cross-service confused deputy issue" in
    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    """
    role = state_machine.role.node.default_child
    assert isinstance(role, aws_iam.CfnRole)  # noqa: S101
    role.add_property_override(
        "AssumeRolePolicyDocument.Statement.0.Condition",
        only_for(state_machine, source_arn=every_state_machine(state_machine)),
    )
