"""Deletes the results of a source that has changed. A queue invokes it."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.delivery.settings import StepSettings
from safelight_contracts.delivery.result_keys import FORGOTTEN_PREFIXES
from safelight_contracts.delivery.settings import settings_to_environment


def _environment(settings: StepSettings) -> dict[str, str]:
    return settings_to_environment(settings.delivery)


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow(role, "s3:ListBucket", on=settings.results.bucket_arn)
    for prefix in FORGOTTEN_PREFIXES:
        allow(role, "s3:DeleteObject", on=settings.results.arn_for_objects(f"{prefix}*"))


STEP = StepDefinition(
    id="Forget",
    package="forget",
    memory=512,
    timeout=60,
    layers=("powertools",),
    calls=frozenset({"s3:ListObjectsV2", "s3:DeleteObjects"}),
    environment=_environment,
    permit=_permit,
)
