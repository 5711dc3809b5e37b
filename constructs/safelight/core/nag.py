"""Findings of cdk-nag's AwsSolutions pack that a system has on purpose, acknowledged with a reason."""

from collections.abc import Iterable

from aws_cdk import (
    Acknowledgment,
    CfnElement,
    Stack,
    Token,
    Validations,
    aws_lambda,
    aws_s3,
    aws_sqs,
    aws_stepfunctions,
)
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Acknowledge one finding, such as ``S1`` or ``IAM5[Resource::*]``, on a construct and what is below it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason))


def acknowledge_dead_letters(queues: Iterable[aws_sqs.Queue]) -> None:
    """Acknowledge that dead-letter queues have no dead-letter queues of their own."""
    for queue in queues:
        acknowledge(queue, "SQS3", "It is a dead-letter queue.")


def acknowledge_runtime(functions: Iterable[aws_lambda.Function]) -> None:
    """Acknowledge that functions do not run on the newest runtime."""
    for function in functions:
        acknowledge(
            function,
            "L1",
            "The layers are locked for this runtime, and the tests run on it. Change it with platform=.",
        )


def acknowledge_objects(role: IConstruct, *, bucket: aws_s3.IBucket, prefix: str) -> None:
    """Acknowledge that a role reads or writes every object under a prefix of a bucket."""
    acknowledge(
        role,
        f"IAM5[Resource::{bucket_name_in_findings(bucket)}/{prefix}*]",
        "The keys of objects are not known in advance, so the statement can only name the bucket and the prefix.",
    )


def acknowledge_key_grants(role: IConstruct) -> None:
    """Acknowledge the wildcards in what the CDK grants on a customer's key."""
    for actions in ("kms:GenerateDataKey*", "kms:ReEncrypt*"):
        acknowledge(
            role,
            f"IAM5[Action::{actions}]",
            "S3 and DynamoDB need these variants of one action. The statement names the key.",
        )


def acknowledge_invocations(
    state_machine: aws_stepfunctions.StateMachine, *, functions: Iterable[aws_lambda.IFunction]
) -> None:
    """Acknowledge that a state machine invokes every version of functions."""
    for function in functions:
        l1 = function.node.default_child
        if isinstance(l1, CfnElement):
            acknowledge(
                state_machine,
                f"IAM5[Resource::<{Stack.of(function).get_logical_id(l1)}.Arn>:*]",
                "Running executions and rollbacks invoke older versions of the function.",
            )


def acknowledge_executions(
    construct: IConstruct, *, state_machine: aws_stepfunctions.StateMachine, map_label: str | None = None
) -> None:
    """Acknowledge that a construct has permissions on every execution of a state machine.

    Parameters
    ----------
    map_label
        Label of a Distributed Map, for its child executions. Default: the executions of the state machine itself.
    """
    stack, l1 = Stack.of(state_machine), state_machine.node.default_child
    assert isinstance(l1, CfnElement)  # noqa: S101 - a StateMachine makes it
    region = "<AWS::Region>" if Token.is_unresolved(stack.region) else stack.region
    account = "<AWS::AccountId>" if Token.is_unresolved(stack.account) else stack.account
    label = "" if map_label is None else f"/{map_label}"
    name = f"<{stack.get_logical_id(l1)}.Name>{label}"
    acknowledge(
        construct,
        f"IAM5[Resource::arn:<AWS::Partition>:states:{region}:{account}:execution:{name}:*]",
        "The name of an execution is not known in advance, so the statement can only name the state machine.",
    )


def bucket_name_in_findings(bucket: aws_s3.IBucket) -> str:
    """Return how cdk-nag's findings name a bucket: a reference if the app makes it, an ARN otherwise."""
    l1 = bucket.node.default_child
    if isinstance(l1, aws_s3.CfnBucket):
        return f"<{Stack.of(bucket).get_logical_id(l1)}.Arn>"
    return f"arn:<AWS::Partition>:s3:::{bucket.bucket_name}"
