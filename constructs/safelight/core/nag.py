"""Findings of cdk-nag's AwsSolutions pack that a workflow has on purpose, each with its reason."""

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

_TRACES_AND_DETECTIONS = (
    "X-Ray traces, CloudWatch log delivery and Rekognition's detections take no resource: AWS grants them on '*' alone."
)


def acknowledge(
    *,
    buckets: list[aws_s3.IBucket],
    dead_letters: list[aws_sqs.Queue],
    functions: list[IConstruct],
    roles: list[IConstruct],
    objects: list[tuple[aws_s3.IBucket, str]],
    state_machine: aws_stepfunctions.StateMachine,
    invoked: Iterable[aws_lambda.IFunction],
) -> None:
    """Acknowledge what an image workflow does on purpose, where it does it and nowhere else.

    Parameters
    ----------
    buckets
        Those made by the workflow.
    dead_letters
        Its queues of what could not be delivered or handled.
    functions, roles
        Its Lambda functions, and the roles of functions and state machine.
    objects
        Bucket and prefix of the objects that the roles read or write.
    state_machine, invoked
        The functions whose versions the state machine invokes, those of the user's own among them.
    """
    for bucket in buckets:
        _acknowledge(
            bucket,
            "S1",
            "Access logs need a bucket that the account's owner chooses; CloudTrail data events record the same "
            "and need none. Bring a bucket with logs along by upload_bucket= or published_bucket=.",
        )
    for queue in dead_letters:
        _acknowledge(queue, "SQS3", "It is a dead-letter queue.")
    for function in functions:
        _acknowledge(
            function,
            "L1",
            "The runtime is the one that the layers are locked for and the tests run on; platform= sets it.",
        )
    for role in roles:
        _acknowledge(role, "IAM5[Resource::*]", _TRACES_AND_DETECTIONS)
        for bucket, prefix in objects:
            _acknowledge(
                role,
                f"IAM5[Resource::{bucket_name_in_findings(bucket)}/{prefix}*]",
                "Uploads and renditions have whatever key their user gives them: the bucket and prefix are the bound.",
            )
    for function in invoked:
        l1 = function.node.default_child
        if isinstance(l1, CfnElement):
            _acknowledge(
                state_machine,
                f"IAM5[Resource::<{Stack.of(function).get_logical_id(l1)}.Arn>:*]",
                "Executions under way and a roll-back call older versions of the function.",
            )


def acknowledge_executions(role: IConstruct, *, state_machine: aws_stepfunctions.StateMachine) -> None:
    """Acknowledge that a role may look at every execution of a state machine."""
    stack, l1 = Stack.of(state_machine), state_machine.node.default_child
    assert isinstance(l1, CfnElement)  # noqa: S101 - a StateMachine makes it
    region = "<AWS::Region>" if Token.is_unresolved(stack.region) else stack.region
    account = "<AWS::AccountId>" if Token.is_unresolved(stack.account) else stack.account
    name = f"<{stack.get_logical_id(l1)}.Name>"
    _acknowledge(
        role,
        f"IAM5[Resource::arn:<AWS::Partition>:states:{region}:{account}:execution:{name}:*]",
        "An execution's name is not known before it is started: the state machine is the bound.",
    )


def _acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason))


def bucket_name_in_findings(bucket: aws_s3.IBucket) -> str:
    """Return how cdk-nag's findings name a bucket: a reference where the app makes it, an ARN where it does not."""
    l1 = bucket.node.default_child
    if isinstance(l1, aws_s3.CfnBucket):
        return f"<{Stack.of(bucket).get_logical_id(l1)}.Arn>"
    return f"arn:<AWS::Partition>:s3:::{bucket.bucket_name}"
