"""Makes an image in a size that a website has not stored. An HTTP API invokes it."""

from aws_cdk import aws_iam

from safelight.core.step_definition import StepDefinition
from safelight.delivery.steps import make
from safelight.delivery.website_settings import WebsiteSettings
from safelight_contracts.delivery.settings import settings_to_environment
from safelight_contracts.delivery.websites import WEBSITE_VARIABLE
from safelight_contracts.limits import limits_to_environment


def _environment(settings: WebsiteSettings) -> dict[str, str]:
    return {
        **settings_to_environment(settings.delivery),
        **limits_to_environment(settings.limits),
        WEBSITE_VARIABLE: settings.results.bucket_website_url,
    }


def _permit(role: aws_iam.Role, settings: WebsiteSettings) -> None:
    make.allow_making(role, sources=[(settings.source, settings.key_prefix)], results=settings.results)


STEP = StepDefinition(
    id="Resize",
    package="resize",
    memory=make.STEP.memory,
    timeout=make.STEP.timeout,
    layers=make.STEP.layers,
    packages=make.STEP.packages,
    calls=make.STEP.calls,
    environment=_environment,
    permit=_permit,
)
