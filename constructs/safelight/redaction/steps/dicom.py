"""De-identifies medical images. A queue invokes it."""

from dataclasses import dataclass, replace

from aws_cdk import aws_events, aws_iam, aws_s3, aws_secretsmanager

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.redaction.permissions import allow_keeping, allow_reading
from safelight_contracts.redaction.dicom import DicomSettings, settings_to_environment

TEXT_MODELS = "text_models"
"""The layer of the models that find and read text."""


@dataclass(frozen=True, kw_only=True)
class DicomStepSettings:
    """The settings of the function, and the resources that it uses."""

    dicom: DicomSettings
    source: aws_s3.IBucket
    destination: aws_s3.IBucket
    quarantine: aws_s3.IBucket
    key_secret: aws_secretsmanager.ISecret
    event_bus: aws_events.IEventBus

    @property
    def uploads(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of uploads, and the prefix of their keys."""
        return self.source, self.dicom.source_prefix

    @property
    def released(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of released files, and the prefix of their keys."""
        return self.destination, self.dicom.destination_prefix

    @property
    def aside(self) -> tuple[aws_s3.IBucket, str]:
        """The bucket of files that are put aside, and the prefix of their keys."""
        return self.quarantine, self.dicom.quarantine_prefix


def _environment(settings: DicomStepSettings) -> dict[str, str]:
    return settings_to_environment(settings.dicom)


def _permit(role: aws_iam.Role, settings: DicomStepSettings) -> None:
    source, prefix = settings.uploads
    allow_reading(role, bucket=source, prefix=prefix)
    for bucket, prefix in (settings.released, settings.aside):
        allow_keeping(role, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", bucket=bucket, prefix=prefix)
    quarantine, prefix = settings.aside
    allow(role, "s3:PutObjectTagging", on=quarantine.arn_for_objects(f"{prefix}*"))
    secret = settings.key_secret
    # An ARN that was made of a name lacks the six characters that Secrets Manager adds.
    allow(role, "secretsmanager:GetSecretValue", on=secret.secret_full_arn or f"{secret.secret_arn}-??????")
    if secret.encryption_key:
        allow(role, "kms:Decrypt", on=secret.encryption_key.key_arn)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)


def _adapt(
    definition: StepDefinition[DicomStepSettings], settings: DicomStepSettings
) -> StepDefinition[DicomStepSettings]:
    return replace(definition, layers=(*definition.layers, TEXT_MODELS)) if settings.dicom.find_text else definition


STEP = StepDefinition(
    id="Dicom",
    package="dicom",
    # Two processors, and room for the file, its frames and the result.
    memory=3538,
    # A worker takes up to 600 processor seconds for a file.
    timeout=900,
    layers=("powertools", "dicom"),
    packages=("dicomkit",),
    calls=frozenset(
        {
            *("s3:GetObject", "s3:HeadObject", "s3:PutObject", "s3:CopyObject", "s3:DeleteObject"),
            *("secretsmanager:GetSecretValue", "events:PutEvents"),
        }
    ),
    environment=_environment,
    permit=_permit,
    adapt=_adapt,
)
