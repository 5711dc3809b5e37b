"""The findings of cdk-nag's AwsSolutions pack that an image workflow has on purpose."""

from collections.abc import Iterable

from aws_cdk import aws_lambda, aws_s3, aws_sqs, aws_stepfunctions

from safelight.core.function import Step
from safelight.core.nag import (
    acknowledge,
    acknowledge_dead_letters,
    acknowledge_invocations,
    acknowledge_key_grants,
    acknowledge_objects,
    acknowledge_runtime,
)


def acknowledge_findings(
    *,
    buckets: Iterable[aws_s3.IBucket],
    dead_letters: Iterable[aws_sqs.Queue],
    steps: Iterable[Step],
    objects: Iterable[tuple[aws_s3.IBucket, str]],
    state_machine: aws_stepfunctions.StateMachine,
    invoked: Iterable[aws_lambda.IFunction],
) -> None:
    """Acknowledge each finding on the construct that has it, and nowhere else.

    Parameters
    ----------
    buckets
        Those made by the workflow.
    objects
        Bucket and prefix of the objects that the roles read or write.
    invoked
        The functions whose versions the state machine invokes, including the user's own.
    """
    for bucket in buckets:
        acknowledge(
            bucket,
            "S1",
            "Access logs need a bucket that the account's owner chooses. CloudTrail data events record the same "
            "without one. To use a bucket with access logs, pass it as upload_bucket= or published_bucket=.",
        )
    steps, objects = list(steps), list(objects)
    acknowledge_dead_letters(dead_letters)
    acknowledge_runtime(step.function for step in steps)
    for role in (*(step.role for step in steps), state_machine):
        acknowledge(
            role,
            "IAM5[Resource::*]",
            "X-Ray traces, CloudWatch log delivery, network interfaces and Rekognition's detections support only "
            "'*' as the resource.",
        )
        acknowledge_key_grants(role)
        for bucket, prefix in objects:
            acknowledge_objects(role, bucket=bucket, prefix=prefix)
    acknowledge_invocations(state_machine, functions=invoked)
