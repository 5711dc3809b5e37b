"""Records an upload as published, and announces it."""

from aws_cdk import aws_iam

from safelight.settings import StepSettings
from safelight.step_definition import StepDefinition, allow


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow(role, "dynamodb:UpdateItem", on=settings.records.table_arn)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)
    if settings.records.encryption_key:
        settings.records.encryption_key.grant_encrypt_decrypt(role)


def _environment(settings: StepSettings) -> dict[str, str]:
    return {
        "RECORDS_TABLE": settings.records.table_name,
        "EVENT_BUS": settings.event_bus.event_bus_name,
        "KEY_PREFIX": settings.key_prefix,
    }


STEP = StepDefinition(
    id="Publish",
    package="publish",
    memory=512,
    timeout=30,
    layers=("powertools",),
    calls=frozenset({"dynamodb:TransactWriteItems", "events:PutEvents"}),
    environment=_environment,
    permit=_permit,
)
