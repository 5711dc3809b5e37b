"""Finishes what executions left that ended early. A queue invokes it (v1 to v5)."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_recording_outcomes, background_environment


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_recording_outcomes(role, settings)
    allow(role, "dynamodb:Scan", on=settings.records.table_arn)


BACKGROUND = StepDefinition(
    id="Sweep",
    package="sweep",
    memory=512,
    timeout=120,
    layers=("powertools",),
    environment=background_environment,
    permit=_permit,
)
