"""Records an upload as published, and sends the event (v1 to v5)."""

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_recording_outcomes, records_environment
from safelight_contracts.environment import Variable


def _environment(settings: StepSettings) -> dict[str, str]:
    return {
        **records_environment(settings),
        Variable.EVENT_BUS: settings.event_bus.event_bus_arn,
        Variable.KEY_PREFIX: settings.key_prefix,
        Variable.PUBLISHED_BUCKET: settings.published_bucket.bucket_name,
        Variable.PUBLISHED_PREFIX: settings.published_prefix,
        Variable.KEEP_REPLACED_SECONDS: str(settings.keep_replaced.to_seconds()),
    }


STEP = StepDefinition(
    id="Publish",
    package="publish",
    memory=512,
    timeout=30,
    layers=("powertools",),
    arguments=frozenset({"keep_replaced"}),
    calls=frozenset(
        {
            "dynamodb:GetItem",
            "dynamodb:TransactWriteItems",
            "events:PutEvents",
            # For an upload that was superseded in the meantime:
            "dynamodb:Query",
            "s3:ListObjectVersions",
            "dynamodb:UpdateItem",
            "s3:DeleteObjects",
        }
    ),
    rejects_by_raising=True,
    environment=_environment,
    permit=allow_recording_outcomes,
)
