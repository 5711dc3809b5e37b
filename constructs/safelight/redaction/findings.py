"""The findings of cdk-nag's AwsSolutions pack that a redaction service has on purpose."""

from collections.abc import Iterable

from aws_cdk import aws_s3, aws_sqs

from safelight.core.function import Step
from safelight.core.nag import (
    acknowledge,
    acknowledge_dead_letters,
    acknowledge_key_grants,
    acknowledge_objects,
    acknowledge_runtime,
)


def acknowledge_findings(
    *, step: Step, dead_letters: aws_sqs.Queue, places: Iterable[tuple[aws_s3.IBucket, str]]
) -> None:
    """Acknowledge each finding on the construct that has it, and nowhere else.

    Parameters
    ----------
    places
        The buckets and prefixes whose objects the function reads or writes.
    """
    acknowledge_dead_letters([dead_letters])
    acknowledge_runtime([step.function])
    acknowledge(
        step.role,
        "IAM5[Resource::*]",
        "X-Ray traces, network interfaces and Rekognition's detections support only '*' as the resource.",
    )
    acknowledge_key_grants(step.role)
    for bucket, prefix in places:
        acknowledge_objects(step.role, bucket=bucket, prefix=prefix)
