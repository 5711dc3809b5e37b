"""Counts the people in the image (v4)."""

from aws_cdk import aws_iam

from safelight.settings import StepSettings
from safelight.step_definition import StepDefinition
from safelight.step_parts import allow_rekognition, permit_reading, rekognition_environment


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    permit_reading(role, settings)
    allow_rekognition(role, "rekognition:DetectLabels")


STEP = StepDefinition(
    id="GetLabels",
    package="detect_labels",
    memory=1769,
    timeout=40,
    layers=("powertools", "pillow"),
    arguments=frozenset({"min_confidence", "limits"}),
    calls=frozenset({"s3:GetObject", "rekognition:DetectLabels"}),
    environment=rekognition_environment,
    permit=_permit,
)
