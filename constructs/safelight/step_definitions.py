"""Every step that Safelight has: code, memory, time-out, layers and permissions of its function."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from aws_cdk import aws_iam, aws_s3

from safelight.development import development_environment
from safelight.limits import Limits, limits_environment
from safelight.on_reject import OnReject
from safelight.renditions import as_json, watermarks_of
from safelight.settings import StepSettings
from safelight.watermarks import WATERMARKS


@dataclass(frozen=True, kw_only=True)
class StepDefinition:
    """How one step's function is built.

    Parameters
    ----------
    package
        Folder under ``lambdas/`` whose ``handler.handler`` is the entry point.
    memory
        MB. Lambda gives a share of the processor in proportion, one whole at 1,769.
    timeout
        Seconds. The state's own time-out is longer, so that the function's error is the one seen.
    layers
        Names of files under ``lambdas/layers/``, ``DETECTOR_MODELS`` and ``WATERMARKS``.
    packages
        Folders under ``lambdas/`` beside its own and the two that all steps share. Left out: none.
    arguments
        Which of the workflow's arguments this step has a use for.
    """

    package: str
    memory: int
    timeout: int
    layers: tuple[str, ...]
    arguments: frozenset[str]
    environment: Callable[[StepSettings], dict[str, str]]
    permit: Callable[[aws_iam.Role, StepSettings], None]
    packages: tuple[str, ...] = ()


def allow(role: aws_iam.Role, *actions: str, on: str) -> None:
    """Let a role do some things on one resource."""
    role.add_to_policy(aws_iam.PolicyStatement(actions=list(actions), resources=[on]))


def _permit_reading(role: aws_iam.Role, settings: StepSettings) -> None:
    uploads = settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*")
    allow(role, "s3:GetObject", "s3:GetObjectVersion", on=uploads)
    # Without it, S3 answers that what is gone is forbidden.
    allow(role, "s3:ListBucket", on=settings.upload_bucket.bucket_arn)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


def _made(bucket: aws_s3.IBucket | None) -> aws_s3.IBucket:
    assert bucket is not None  # noqa: S101 - a workflow makes the buckets of the steps that it has
    return bucket


def _analysis_images(settings: StepSettings) -> str:
    return _made(settings.analysis_bucket).arn_for_objects(f"{settings.key_prefix}*")


def _permit_developing(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    allow(role, "s3:PutObject", on=_analysis_images(settings))


def _permit_looking(action: str) -> Callable[[aws_iam.Role, StepSettings], None]:
    def permit(role: aws_iam.Role, settings: StepSettings) -> None:
        # The analysis image is the upload itself where Rekognition takes it as it is.
        _permit_reading(role, settings)
        allow(role, "s3:GetObject", on=_analysis_images(settings))
        allow(role, action, on="*")

    return permit


def _permit_detecting(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    allow(role, "s3:GetObject", on=_analysis_images(settings))
    if settings.detector.function.rekognition:
        allow(role, "rekognition:DetectLabels", on="*")


def _permit_moderating(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    # Rekognition knows no resource for what it is shown: '*' is all that its detections take.
    allow(role, "rekognition:DetectModerationLabels", on="*")


def _permit_labelling(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    allow(role, "rekognition:DetectLabels", on="*")


def _permit_resizing(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    allow(role, "s3:PutObject", on=_renditions(settings))
    if settings.published_bucket.encryption_key:
        settings.published_bucket.encryption_key.grant_encrypt(role)
    allow(role, "dynamodb:PutItem", on=settings.records.table_arn)
    _permit_records_key(role, settings)


def _permit_publishing(role: aws_iam.Role, settings: StepSettings) -> None:
    allow(role, "dynamodb:ConditionCheckItem", on=settings.records.table_arn)
    _permit_removing_sets(role, settings)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)


def _renditions(settings: StepSettings) -> str:
    return settings.published_bucket.arn_for_objects(f"{settings.published_prefix}*")


def _permit_records_key(role: aws_iam.Role, settings: StepSettings) -> None:
    if settings.records.encryption_key:
        settings.records.encryption_key.grant_encrypt_decrypt(role)


def _permit_removing_sets(role: aws_iam.Role, settings: StepSettings) -> None:
    allow(
        role,
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        on=settings.records.table_arn,
    )
    _permit_records_key(role, settings)
    allow(role, "s3:ListBucketVersions", on=settings.published_bucket.bucket_arn)
    allow(role, "s3:DeleteObject", "s3:DeleteObjectVersion", on=_renditions(settings))


def _permit_removing(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_removing_sets(role, settings)
    if settings.on_reject is OnReject.KEEP:
        return
    _permit_reading(role, settings)
    uploads = settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*")
    allow(role, "s3:DeleteObjectVersion", on=uploads)
    if settings.on_reject is OnReject.QUARANTINE:
        # An object's tags are copied with it.
        allow(role, "s3:GetObjectTagging", "s3:GetObjectVersionTagging", on=uploads)
        quarantine = _made(settings.quarantine_bucket).arn_for_objects(f"{settings.key_prefix}*")
        allow(role, "s3:PutObject", "s3:PutObjectTagging", on=quarantine)


def _refuse_animations(settings: StepSettings) -> None:
    animated = [rendition.name for rendition in settings.renditions if rendition.animated]
    if animated:
        raise ValueError(
            f"Rendition {animated[0]!r} has animated=True, but this workflow's checks look at the first frame alone: "
            "the others would be published unseen. Leave animated out, or choose a version that checks no image: v1."
        )


def _rekognition_environment(settings: StepSettings) -> dict[str, str]:
    _refuse_animations(settings)
    confidence = {} if settings.min_confidence is None else {"MIN_CONFIDENCE": str(settings.min_confidence)}
    return limits_environment(settings.limits) | confidence


def _check_dimensions_environment(settings: StepSettings) -> dict[str, str]:
    return limits_environment(settings.limits) | {
        "MIN_PIXELS": str(settings.min_pixels),
        "ALLOWED_TYPES": ",".join(image_type.value for image_type in settings.allowed_types),
    }


def _detect_people_environment(settings: StepSettings) -> dict[str, str]:
    return {"DETECTOR": settings.detector.value}


def _develop_environment(settings: StepSettings) -> dict[str, str]:
    _refuse_animations(settings)
    return (
        _check_dimensions_environment(settings)
        | development_environment(settings.development)
        | {"ANALYSIS_BUCKET": _made(settings.analysis_bucket).bucket_name}
    )


def _nothing(_: StepSettings) -> dict[str, str]:
    return {}


def _records_environment(settings: StepSettings) -> dict[str, str]:
    return {"RECORDS_TABLE": settings.records.table_name, "WORKFLOW_ID": settings.workflow_id}


def _resize_environment(settings: StepSettings) -> dict[str, str]:
    return limits_environment(settings.limits) | {
        **_records_environment(settings),
        "RENDITIONS": as_json(settings.renditions),
        "PUBLISHED_BUCKET": settings.published_bucket.bucket_name,
        "PUBLISHED_PREFIX": settings.published_prefix,
        "CACHE_CONTROL": settings.caching.value,
    }


def _render_environment(settings: StepSettings) -> dict[str, str]:
    return _resize_environment(settings) | development_environment(settings.development)


def _remove_rejected_environment(settings: StepSettings) -> dict[str, str]:
    quarantine = (
        {} if settings.quarantine_bucket is None else {"QUARANTINE_BUCKET": settings.quarantine_bucket.bucket_name}
    )
    return {
        **_records_environment(settings),
        "KEY_PREFIX": settings.key_prefix,
        "PUBLISHED_BUCKET": settings.published_bucket.bucket_name,
        **quarantine,
    }


def _publish_environment(settings: StepSettings) -> dict[str, str]:
    return {
        **_records_environment(settings),
        "EVENT_BUS": settings.event_bus.event_bus_name,
        "KEY_PREFIX": settings.key_prefix,
        "PUBLISHED_BUCKET": settings.published_bucket.bucket_name,
        "PUBLISHED_PREFIX": settings.published_prefix,
        "KEEP_REPLACED_SECONDS": str(settings.keep_replaced.to_seconds()),
    }


STEP_DEFINITIONS: Mapping[str, StepDefinition] = {
    "CheckDimensions": StepDefinition(
        package="check_dimensions",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset({"min_pixels", "allowed_types", "limits"}),
        environment=_check_dimensions_environment,
        permit=_permit_reading,
    ),
    "Moderator": StepDefinition(
        package="moderate",
        memory=1769,
        timeout=40,
        layers=("powertools", "pillow"),
        arguments=frozenset({"min_confidence", "limits"}),
        environment=_rekognition_environment,
        permit=_permit_moderating,
    ),
    "GetLabels": StepDefinition(
        package="detect_labels",
        memory=1769,
        timeout=40,
        layers=("powertools", "pillow"),
        arguments=frozenset({"min_confidence", "limits"}),
        environment=_rekognition_environment,
        permit=_permit_labelling,
    ),
    "Resizer": StepDefinition(
        package="resize",
        memory=1769,
        timeout=60,
        layers=("powertools", "pillow"),
        arguments=frozenset({"renditions", "published_bucket", "published_prefix", "caching", "limits"}),
        environment=_resize_environment,
        permit=_permit_resizing,
    ),
    "Publish": StepDefinition(
        package="publish",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset({"keep_replaced"}),
        environment=_publish_environment,
        permit=_permit_publishing,
    ),
    "Develop": StepDefinition(
        package="develop",
        memory=1769,
        timeout=60,
        layers=("powertools", "heif", "raw"),
        arguments=frozenset({"min_pixels", "allowed_types", "limits", "development"}),
        environment=_develop_environment,
        permit=_permit_developing,
    ),
    "CheckModeration": StepDefinition(
        package="moderate",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset(),
        environment=_nothing,
        permit=_permit_looking("rekognition:DetectModerationLabels"),
    ),
    "CheckPeople": StepDefinition(
        package="detect_people",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset({"detector"}),
        environment=_detect_people_environment,
        permit=_permit_detecting,
    ),
    "CheckLabels": StepDefinition(
        package="detect_labels",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset(),
        environment=_nothing,
        permit=_permit_looking("rekognition:DetectLabels"),
    ),
    "CheckWords": StepDefinition(
        package="detect_words",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset(),
        environment=_nothing,
        permit=_permit_looking("rekognition:DetectText"),
    ),
    "Render": StepDefinition(
        package="resize",
        memory=1769,
        timeout=60,
        layers=("powertools", "heif", "raw"),
        arguments=frozenset({"renditions", "published_bucket", "published_prefix", "caching", "limits", "development"}),
        environment=_render_environment,
        permit=_permit_resizing,
    ),
    "RemoveRejected": StepDefinition(
        package="remove_rejected",
        memory=512,
        timeout=60,
        layers=("powertools",),
        arguments=frozenset({"on_reject"}),
        environment=_remove_rejected_environment,
        permit=_permit_removing,
    ),
}
"""Every step that Safelight has, under the name that its placeholder carries in a definition."""


_DECODERS = {"pillow", "heif", "raw"}


def refuse_slow_limits(limits: Limits, *, step_ids: Collection[str]) -> None:
    """Refuse more processor seconds than a function that decodes has until its time-out.

    Raises
    ------
    ValueError
        Naming the function, and the most that all of them bear.
    """
    time_outs = {
        id: STEP_DEFINITIONS[id].timeout for id in step_ids if not _DECODERS.isdisjoint(STEP_DEFINITIONS[id].layers)
    }
    for id, timeout in sorted(time_outs.items()):
        if limits.max_seconds >= timeout:
            raise ValueError(
                f"Limits: max_seconds={limits.max_seconds} is no limit to {id}, which is ended after {timeout} seconds "
                f"whatever it does: give less than {min(time_outs.values())}."
            )


def step_definition(id: str, *, settings: StepSettings) -> StepDefinition:
    """Return how a step's function is built.

    For the check for people it depends on what looks for them, for the step that makes renditions on whether their
    watermarks need files.
    """
    definition = STEP_DEFINITIONS[id]
    if definition.package == "resize" and any(watermark.file for watermark in watermarks_of(settings.renditions)):
        return replace(definition, layers=(*definition.layers, WATERMARKS))
    if definition.package != "detect_people":
        return definition
    function = settings.detector.function
    return replace(
        definition,
        memory=function.memory,
        timeout=function.timeout,
        layers=function.layers,
        packages=function.packages,
    )
