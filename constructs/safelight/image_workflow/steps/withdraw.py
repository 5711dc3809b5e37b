"""Withdraws renditions of deleted uploads, if ``on_delete`` says so. A queue invokes it (v1 to v5)."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_recording_outcomes, background_environment


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_recording_outcomes(role, settings)
    # HEAD needs both. Without the second, S3 answers 403 for a missing object.
    allow(role, "s3:GetObject", on=settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*"))
    allow(role, "s3:ListBucket", on=settings.upload_bucket.bucket_arn)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


BACKGROUND = StepDefinition(
    id="Withdraw",
    package="withdraw",
    memory=512,
    timeout=120,
    layers=("powertools",),
    arguments=frozenset({"on_delete"}),
    environment=background_environment,
    permit=_permit,
)
