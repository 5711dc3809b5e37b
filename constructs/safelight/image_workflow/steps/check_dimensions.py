"""Reads the header: type and dimensions (v3, v4)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.step_parts import allow_reading_uploads, rules_environment

STEP = StepDefinition(
    id="CheckDimensions",
    package="check_dimensions",
    memory=512,
    timeout=30,
    layers=("powertools",),
    arguments=frozenset({"min_pixels", "allowed_types", "limits"}),
    calls=frozenset({"s3:GetObject"}),
    environment=rules_environment,
    permit=allow_reading_uploads,
)
