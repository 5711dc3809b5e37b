"""Checks type and dimensions, and makes the image that checks look at (v5)."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.presentation import presentation_environment
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import (
    allow_reading_uploads,
    analysis_images,
    require_bucket,
    rules_environment,
)
from safelight_contracts.development import development_to_environment
from safelight_contracts.environment import Variable


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_reading_uploads(role, settings)
    allow(role, "s3:PutObject", on=analysis_images(settings))
    key = require_bucket(settings.analysis_bucket).encryption_key
    if key:
        key.grant_encrypt(role)


def _environment(settings: StepSettings) -> dict[str, str]:
    return (
        rules_environment(settings)
        | development_to_environment(settings.development)
        | presentation_environment(settings.renditions)
        | {Variable.ANALYSIS_BUCKET: require_bucket(settings.analysis_bucket).bucket_name}
    )


STEP = StepDefinition(
    id="Prepare",
    package="prepare",
    memory=1769,
    timeout=60,
    layers=("powertools", "heif", "raw"),
    arguments=frozenset({"min_pixels", "allowed_types", "limits", "development"}),
    calls=frozenset({"s3:GetObject", "s3:PutObject"}),
    environment=_environment,
    permit=_permit,
)
