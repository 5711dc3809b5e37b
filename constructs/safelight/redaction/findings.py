"""The findings of cdk-nag's AwsSolutions pack that a redaction service has on purpose."""

from aws_cdk import aws_sqs

from safelight.core.function import Step
from safelight.core.nag import (
    acknowledge,
    acknowledge_dead_letters,
    acknowledge_key_grants,
    acknowledge_objects,
    acknowledge_runtime,
)
from safelight.redaction.settings import StepSettings


def acknowledge_findings(*, settings: StepSettings, photo: Step, dead_letters: aws_sqs.Queue) -> None:
    """Acknowledge each finding on the construct that has it, and nowhere else."""
    acknowledge_dead_letters([dead_letters])
    acknowledge_runtime([photo.function])
    acknowledge(
        photo.role,
        "IAM5[Resource::*]",
        "X-Ray traces, network interfaces and Rekognition's detections support only '*' as the resource.",
    )
    acknowledge_key_grants(photo.role)
    for bucket, prefix in (settings.uploads, settings.copies):
        acknowledge_objects(photo.role, bucket=bucket, prefix=prefix)
