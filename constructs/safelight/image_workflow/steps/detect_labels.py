"""Counts the people in the image (v4)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.step_parts import permit_showing, rekognition_environment

STEP = StepDefinition(
    id="GetLabels",
    package="detect_labels",
    memory=1769,
    timeout=40,
    layers=("powertools", "pillow"),
    arguments=frozenset({"min_confidence", "limits"}),
    calls=frozenset({"s3:GetObject", "rekognition:DetectLabels"}),
    environment=rekognition_environment,
    permit=permit_showing("rekognition:DetectLabels"),
)
