"""Permissions and environment variables that several steps share."""

from collections.abc import Callable
from dataclasses import replace

from aws_cdk import aws_iam, aws_s3

from safelight.core.encryption import allow_table_data
from safelight.core.permissions import allow, leading_keys
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.presentation import presentation_environment
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.watermarks import watermarks_of
from safelight_contracts.environment import Variable
from safelight_contracts.limits import limits_to_environment
from safelight_contracts.records import PLACES, open_partition, uploads_prefix
from safelight_contracts.renditions import renditions_to_json
from safelight_contracts.watermarks import WATERMARKS


def allow_reading_uploads(role: aws_iam.Role, settings: StepSettings) -> None:
    """Allow a role to read uploads."""
    uploads = settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*")
    allow(role, "s3:GetObject", "s3:GetObjectVersion", on=uploads)
    # Without it, S3 answers 403 for a missing object.
    allow(role, "s3:ListBucket", on=settings.upload_bucket.bucket_arn)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


def allow_reading_analysis_images(role: aws_iam.Role, settings: StepSettings) -> None:
    """Allow a role to read the images that checks look at."""
    # If Rekognition accepts the upload as it is, the upload is the analysis image.
    allow_reading_uploads(role, settings)
    allow(role, "s3:GetObject", on=analysis_images(settings))
    key = require_bucket(settings.analysis_bucket).encryption_key
    if key:
        key.grant_decrypt(role)


def allow_detection_on_analysis_images(action: str) -> Callable[[aws_iam.Role, StepSettings], None]:
    """Allow a role a Rekognition detection on the images that checks look at."""

    def permit(role: aws_iam.Role, settings: StepSettings) -> None:
        allow_reading_analysis_images(role, settings)
        allow_rekognition(role, action)

    return permit


def allow_detection_on_uploads(action: str) -> Callable[[aws_iam.Role, StepSettings], None]:
    """Allow a role a Rekognition detection on uploads."""

    def permit(role: aws_iam.Role, settings: StepSettings) -> None:
        allow_reading_uploads(role, settings)
        allow_rekognition(role, action)

    return permit


def allow_rekognition(role: aws_iam.Role, action: str) -> None:
    """Allow a role a Rekognition detection. Rekognition only supports the resource ``*``."""
    allow(role, action, on="*")


def allow_rendering(role: aws_iam.Role, settings: StepSettings) -> None:
    """Allow a role to read uploads and to write renditions."""
    allow_reading_uploads(role, settings)
    allow(role, "s3:PutObject", on=renditions(settings))
    if settings.published_bucket.encryption_key:
        settings.published_bucket.encryption_key.grant_encrypt(role)
    # This role decodes untrusted files. It may register the set that it writes, but not read or change records.
    _allow_items(role, "dynamodb:PutItem", settings=settings, partitions=[_open_sets(settings)])
    allow_table_data(role, settings.records)


def allow_removing_renditions(role: aws_iam.Role, settings: StepSettings) -> None:
    """Allow a role to change records and to remove renditions."""
    _allow_items(
        role,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        settings=settings,
        partitions=[f"{uploads_prefix(settings.workflow_id)}*", _open_sets(settings), f"{PLACES}*"],
    )
    allow_table_data(role, settings.records)
    allow(role, "s3:ListBucketVersions", on=settings.published_bucket.bucket_arn)
    allow(role, "s3:DeleteObject", "s3:DeleteObjectVersion", on=renditions(settings))


def allow_recording_outcomes(role: aws_iam.Role, settings: StepSettings) -> None:
    """Allow a role to change records, to remove renditions and to announce outcomes."""
    allow_removing_renditions(role, settings)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)


def _allow_items(role: aws_iam.Role, *actions: str, settings: StepSettings, partitions: list[str]) -> None:
    """Allow a role actions on items of some partitions of the records table, which other workflows may share."""
    allow(role, *actions, on=settings.records.table_arn, conditions=leading_keys(partitions))


def _open_sets(settings: StepSettings) -> str:
    return open_partition(settings.workflow_id)


def renditions(settings: StepSettings) -> str:
    """Return the ARN of the renditions."""
    return settings.published_bucket.arn_for_objects(f"{settings.published_prefix}*")


def analysis_images(settings: StepSettings) -> str:
    """Return the ARN of the images that checks look at."""
    return require_bucket(settings.analysis_bucket).arn_for_objects(f"{settings.key_prefix}*")


def require_bucket(bucket: aws_s3.IBucket | None) -> aws_s3.IBucket:
    """Return a bucket that exists if a step uses it."""
    assert bucket is not None  # noqa: S101 - a workflow makes the buckets that its steps use
    return bucket


def rules_environment(settings: StepSettings) -> dict[str, str]:
    """Return what an upload must be."""
    return limits_to_environment(settings.limits) | {
        Variable.MIN_PIXELS: str(settings.min_pixels),
        Variable.ALLOWED_TYPES: ",".join(image_type.value for image_type in settings.allowed_types),
    }


def rekognition_environment(settings: StepSettings) -> dict[str, str]:
    """Return the settings of a detection on uploads."""
    confidence = {} if settings.min_confidence is None else {Variable.MIN_CONFIDENCE: str(settings.min_confidence)}
    return limits_to_environment(settings.limits) | presentation_environment(settings.renditions) | confidence


def records_environment(settings: StepSettings) -> dict[str, str]:
    """Return the table and the id of the workflow in it."""
    return {Variable.RECORDS_TABLE: settings.records.table_name, Variable.WORKFLOW_ID: settings.workflow_id}


def background_environment(settings: StepSettings) -> dict[str, str]:
    """Return what a function needs that finishes or withdraws uploads outside of an execution."""
    return {
        **records_environment(settings),
        Variable.PUBLISHED_BUCKET: settings.published_bucket.bucket_name,
        Variable.EVENT_BUS: settings.event_bus.event_bus_arn,
        Variable.KEY_PREFIX: settings.key_prefix,
        Variable.VERSION: settings.version,
    }


def renditions_environment(settings: StepSettings) -> dict[str, str]:
    """Return the renditions and their destination."""
    return limits_to_environment(settings.limits) | {
        **records_environment(settings),
        Variable.RENDITIONS: renditions_to_json(settings.renditions),
        Variable.PUBLISHED_BUCKET: settings.published_bucket.bucket_name,
        Variable.PUBLISHED_PREFIX: settings.published_prefix,
        Variable.CACHE_CONTROL: settings.cache_control.header,
    }


def with_watermarks(definition: StepDefinition[StepSettings], settings: StepSettings) -> StepDefinition[StepSettings]:
    """Add the layer of watermark files, if there are any."""
    if not any(watermark.file for watermark in watermarks_of(settings.renditions)):
        return definition
    return replace(definition, layers=(*definition.layers, WATERMARKS))
