"""Makes the renditions that the route names, of an image in which the route's places are covered (v5)."""

from dataclasses import replace

from aws_cdk import aws_iam

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import (
    allow_rekognition,
    allow_rendering,
    renditions_environment,
    with_watermarks,
)
from safelight_contracts.development import development_to_environment


def _environment(settings: StepSettings) -> dict[str, str]:
    return renditions_environment(settings) | development_to_environment(settings.development)


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_rendering(role, settings)
    for call in sorted(settings.detections):
        allow_rekognition(role, call)


def _adapt(definition: StepDefinition[StepSettings], settings: StepSettings) -> StepDefinition[StepSettings]:
    adapted = with_watermarks(definition, settings)
    return replace(adapted, calls=adapted.calls | settings.detections)


STEP = StepDefinition(
    id="Render",
    package="render",
    memory=1769,
    timeout=60,
    layers=("powertools", "heif", "raw"),
    arguments=frozenset(
        {"renditions", "published_bucket", "published_prefix", "cache_control", "limits", "development"}
    ),
    calls=frozenset({"s3:GetObject", "dynamodb:PutItem", "s3:PutObject"}),
    rejects_by_raising=True,
    environment=_environment,
    permit=_permit,
    adapt=_adapt,
)
