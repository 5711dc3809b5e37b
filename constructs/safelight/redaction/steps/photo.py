"""Keeps redacted copies of photographs. A queue invokes it."""

from dataclasses import replace

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.redaction.permissions import allow_keeping, allow_reading
from safelight.redaction.settings import StepSettings
from safelight_contracts.detectors import DETECTOR_MODELS, Detector
from safelight_contracts.development import development_to_environment
from safelight_contracts.limits import limits_to_environment
from safelight_contracts.redaction.redact import detections_of
from safelight_contracts.redaction.service import settings_to_environment


def _environment(settings: StepSettings) -> dict[str, str]:
    return (
        settings_to_environment(settings.service)
        | limits_to_environment(settings.limits)
        | development_to_environment(settings.development)
    )


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    source, prefix = settings.uploads
    allow_reading(role, bucket=source, prefix=prefix)
    for bucket, prefix in (settings.copies, settings.boxes):
        allow_keeping(role, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", bucket=bucket, prefix=prefix)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)
    for action in detections_of(settings.service.redact):
        # Rekognition only supports this resource.
        allow(role, action, on="*")


def _adapt(definition: StepDefinition[StepSettings], settings: StepSettings) -> StepDefinition[StepSettings]:
    redact = settings.service.redact
    adapted = replace(definition, calls=definition.calls | set(detections_of(redact)))
    if redact.detector is not Detector.OPENCV:
        return adapted
    # Lambda unpacks 262 million bytes at most, and these take 214 for arm64. The layer for camera raw would not fit.
    return replace(adapted, layers=("powertools", "heif", "opencv", DETECTOR_MODELS), packages=("visionkit",))


STEP = StepDefinition(
    id="Photo",
    package="photo",
    memory=1769,
    # A worker takes up to 30 seconds for the pictures that are searched, and for the copy. A search takes up to 100
    # calls of Rekognition for each kind of thing, of which there are 0.5 a second or more.
    timeout=900,
    layers=("powertools", "heif", "raw"),
    calls=frozenset({"s3:GetObject", "s3:HeadObject", "s3:PutObject", "s3:DeleteObject", "events:PutEvents"}),
    environment=_environment,
    permit=_permit,
    adapt=_adapt,
)
