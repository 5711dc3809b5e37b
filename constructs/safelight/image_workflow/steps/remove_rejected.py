"""Withdraws earlier renditions of a rejected upload, and moves or deletes the upload, as ``on_reject`` says (v5)."""

from aws_cdk import aws_iam

from safelight.core.permissions import allow
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.on_reject import OnReject
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import (
    allow_reading_uploads,
    allow_removing_renditions,
    records_environment,
    require_bucket,
)
from safelight_contracts.environment import Variable


def _permit(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_removing_renditions(role, settings)
    if settings.on_reject is OnReject.KEEP:
        return
    allow_reading_uploads(role, settings)
    uploads = settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*")
    allow(role, "s3:DeleteObjectVersion", on=uploads)
    if settings.on_reject is OnReject.QUARANTINE:
        # An object's tags are copied with it.
        allow(role, "s3:GetObjectTagging", "s3:GetObjectVersionTagging", on=uploads)
        quarantine = require_bucket(settings.quarantine_bucket)
        copies = quarantine.arn_for_objects(f"{settings.key_prefix}*")
        allow(role, "s3:PutObject", "s3:PutObjectTagging", on=copies)
        if quarantine.encryption_key:
            quarantine.encryption_key.grant_encrypt(role)


def _environment(settings: StepSettings) -> dict[str, str]:
    bucket = settings.quarantine_bucket
    quarantine: dict[str, str] = {} if bucket is None else {Variable.QUARANTINE_BUCKET: bucket.bucket_name}
    return {
        **records_environment(settings),
        Variable.KEY_PREFIX: settings.key_prefix,
        Variable.PUBLISHED_BUCKET: settings.published_bucket.bucket_name,
        **quarantine,
    }


STEP = StepDefinition(
    id="RemoveRejected",
    package="remove_rejected",
    memory=512,
    timeout=60,
    layers=("powertools",),
    arguments=frozenset({"on_reject"}),
    calls=frozenset(
        {
            "dynamodb:GetItem",
            "dynamodb:TransactWriteItems",
            "dynamodb:Query",
            "s3:ListObjectVersions",
            "dynamodb:UpdateItem",
            "s3:DeleteObjects",
            "s3:CopyObject",
            "s3:DeleteObject",
        }
    ),
    environment=_environment,
    permit=_permit,
)
