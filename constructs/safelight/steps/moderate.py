"""Looks for what must not be published (v2 to v4)."""

from aws_cdk import aws_iam

from safelight.settings import StepSettings
from safelight.step_definition import StepDefinition
from safelight.step_parts import allow_rekognition, permit_reading, rekognition_environment


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    permit_reading(role, settings)
    allow_rekognition(role, "rekognition:DetectModerationLabels")


STEP = StepDefinition(
    id="Moderator",
    package="moderate",
    memory=1769,
    timeout=40,
    layers=("powertools", "pillow"),
    arguments=frozenset({"min_confidence", "limits"}),
    calls=frozenset({"s3:GetObject", "rekognition:DetectModerationLabels"}),
    environment=rekognition_environment,
    permit=_permit,
)
