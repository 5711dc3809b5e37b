"""Looks for unsafe content (v5)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.step_parts import allow_detection_on_analysis_images

STEP = StepDefinition(
    id="Moderation",
    package="moderation",
    memory=512,
    timeout=30,
    layers=("powertools",),
    calls=frozenset({"rekognition:DetectModerationLabels"}),
    permit=allow_detection_on_analysis_images("rekognition:DetectModerationLabels"),
)
