"""Counts the people in the image (v4)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.step_parts import allow_detection_on_uploads, rekognition_environment

STEP = StepDefinition(
    id="GetLabels",
    package="detect_labels",
    memory=1769,
    timeout=40,
    layers=("powertools", "pillow"),
    arguments=frozenset({"min_confidence", "limits"}),
    calls=frozenset({"s3:GetObject", "rekognition:DetectLabels"}),
    environment=rekognition_environment,
    permit=allow_detection_on_uploads("rekognition:DetectLabels"),
)
