"""Deletes the images of a source that has changed from a website. A queue invokes it."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.delivery.website_settings import WebsiteSettings
from safelight_contracts.delivery.settings import settings_to_environment


def _environment(settings: WebsiteSettings) -> dict[str, str]:
    return settings_to_environment(settings.delivery)


def _permit(role: aws_iam.Role, settings: WebsiteSettings) -> None:
    allow(role, "s3:DeleteObject", on=settings.results.arn_for_objects("*"))


STEP = StepDefinition(
    id="Forget",
    package="forget_sizes",
    memory=512,
    timeout=60,
    layers=("powertools",),
    calls=frozenset({"s3:DeleteObjects"}),
    environment=_environment,
    permit=_permit,
)
