"""The Lambda functions of the workflow's steps: code, memory, time-out and permissions of each."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from aws_cdk import Duration, IgnoreMode, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from safelight._assets import LAMBDAS
from safelight._bundling import layer_code
from safelight.platform import Platform
from safelight.settings import MAX_BYTES, MAX_PIXELS, StepSettings


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
        Names of files under ``lambdas/layers/``.
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


def _allow(role: aws_iam.Role, *actions: str, on: str) -> None:
    role.add_to_policy(aws_iam.PolicyStatement(actions=list(actions), resources=[on]))


def _permit_reading(role: aws_iam.Role, settings: StepSettings) -> None:
    uploads = settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*")
    _allow(role, "s3:GetObject", "s3:GetObjectVersion", on=uploads)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


def _permit_moderating(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    # Rekognition knows no resource for what it is shown: '*' is all that its detections take.
    _allow(role, "rekognition:DetectModerationLabels", on="*")


def _permit_labelling(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    _allow(role, "rekognition:DetectLabels", on="*")


def _permit_resizing(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_reading(role, settings)
    published = settings.published_bucket.arn_for_objects(f"{settings.published_prefix}*")
    # Reading is for the rare rendition that is there already: was it made of a newer upload?
    _allow(role, "s3:PutObject", "s3:GetObject", on=published)
    if settings.published_bucket.encryption_key:
        settings.published_bucket.encryption_key.grant_encrypt_decrypt(role)


def _permit_publishing(role: aws_iam.Role, settings: StepSettings) -> None:
    _allow(role, "dynamodb:UpdateItem", on=settings.records.table_arn)
    _allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)
    if settings.records.encryption_key:
        settings.records.encryption_key.grant_encrypt_decrypt(role)


def _limits(_: StepSettings) -> dict[str, str]:
    return {"MAX_BYTES": str(MAX_BYTES), "MAX_PIXELS": str(MAX_PIXELS)}


def _rekognition_environment(settings: StepSettings) -> dict[str, str]:
    confidence = {} if settings.min_confidence is None else {"MIN_CONFIDENCE": str(settings.min_confidence)}
    return _limits(settings) | confidence


def _check_dimensions_environment(settings: StepSettings) -> dict[str, str]:
    return _limits(settings) | {
        "MIN_PIXELS": str(settings.min_pixels),
        "ALLOWED_TYPES": ",".join(image_type.value for image_type in settings.allowed_types),
    }


def _resize_environment(settings: StepSettings) -> dict[str, str]:
    renditions = [
        {
            "name": rendition.name,
            "width": rendition.width,
            "height": rendition.height,
            "fit": rendition.fit.value,
            "type": rendition.type.value,
            "quality": rendition.quality,
        }
        for rendition in settings.renditions
    ]
    return _limits(settings) | {
        "RENDITIONS": json.dumps(renditions, separators=(",", ":")),
        "PUBLISHED_BUCKET": settings.published_bucket.bucket_name,
        "PUBLISHED_PREFIX": settings.published_prefix,
    }


def _publish_environment(settings: StepSettings) -> dict[str, str]:
    return {
        "RECORDS_TABLE": settings.records.table_name,
        "EVENT_BUS": settings.event_bus.event_bus_name,
        "KEY_PREFIX": settings.key_prefix,
    }


STEP_DEFINITIONS: Mapping[str, StepDefinition] = {
    "CheckDimensions": StepDefinition(
        package="check_dimensions",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset({"min_pixels", "allowed_types"}),
        environment=_check_dimensions_environment,
        permit=_permit_reading,
    ),
    "Moderator": StepDefinition(
        package="moderate",
        memory=1769,
        timeout=30,
        layers=("powertools", "pillow"),
        arguments=frozenset({"min_confidence"}),
        environment=_rekognition_environment,
        permit=_permit_moderating,
    ),
    "GetLabels": StepDefinition(
        package="detect_labels",
        memory=1769,
        timeout=30,
        layers=("powertools", "pillow"),
        arguments=frozenset({"min_confidence"}),
        environment=_rekognition_environment,
        permit=_permit_labelling,
    ),
    "Resizer": StepDefinition(
        package="resize",
        memory=1769,
        timeout=60,
        layers=("powertools", "pillow"),
        arguments=frozenset({"renditions", "published_bucket", "published_prefix"}),
        environment=_resize_environment,
        permit=_permit_resizing,
    ),
    "Publish": StepDefinition(
        package="publish",
        memory=512,
        timeout=30,
        layers=("powertools",),
        arguments=frozenset(),
        environment=_publish_environment,
        permit=_permit_publishing,
    ),
}
"""Every step that Safelight has, under the name that its placeholder carries in a definition."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One Lambda function that does one thing with one image."""

    function: aws_lambda.Function
    role: aws_iam.Role
    log_group: aws_logs.LogGroup


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of a workflow. One that its definition does not use is ``None``."""

    check_dimensions: Step | None = None
    moderate: Step | None = None
    detect_labels: Step | None = None
    resize: Step | None = None
    publish: Step | None = None


def make_steps(
    scope: Construct,
    *,
    ids: Collection[str],
    platform: Platform,
    settings: StepSettings,
    removal_policy: RemovalPolicy,
) -> dict[str, Step]:
    """Make the functions of the steps that ``STEP_DEFINITIONS`` has under those ids, and the layers they share."""
    names = {name for id in ids for name in STEP_DEFINITIONS[id].layers}
    layers = {name: _make_layer(scope, name=name, platform=platform) for name in sorted(names)}
    return {
        id: _make_step(scope, id, layers=layers, platform=platform, settings=settings, removal_policy=removal_policy)
        for id in sorted(ids)
    }


def _make_layer(scope: Construct, *, name: str, platform: Platform) -> aws_lambda.LayerVersion:
    return aws_lambda.LayerVersion(
        scope,
        f"{name.capitalize()}Layer",
        description=f"Image workflow: {name}",
        code=layer_code(name, platform=platform),
        compatible_runtimes=[platform.runtime],
        compatible_architectures=[platform.lambda_architecture],
    )


def _make_step(
    scope: Construct,
    id: str,
    *,
    layers: Mapping[str, aws_lambda.ILayerVersion],
    platform: Platform,
    settings: StepSettings,
    removal_policy: RemovalPolicy,
) -> Step:
    definition = STEP_DEFINITIONS[id]
    log_group = aws_logs.LogGroup(
        scope, f"{id}Logs", retention=aws_logs.RetentionDays.ONE_MONTH, removal_policy=removal_policy
    )
    role = aws_iam.Role(
        scope,
        f"{id}Role",
        assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"What the {definition.package} step of the image workflow may do",
    )
    _allow(role, "logs:CreateLogStream", "logs:PutLogEvents", on=log_group.log_group_arn)
    definition.permit(role, settings)
    function = aws_lambda.Function(
        scope,
        id,
        description=f"Image workflow: {definition.package}",
        code=function_code(definition.package),
        handler=f"{definition.package}.handler.handler",
        runtime=platform.runtime,
        architecture=platform.lambda_architecture,
        memory_size=definition.memory,
        timeout=Duration.seconds(definition.timeout),
        layers=[layers[name] for name in definition.layers],
        role=role,
        log_group=log_group,
        logging_format=aws_lambda.LoggingFormat.JSON,
        tracing=aws_lambda.Tracing.ACTIVE,
        environment={
            "POWERTOOLS_SERVICE_NAME": definition.package,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            **definition.environment(settings),
        },
    )
    return Step(function=function, role=role, log_group=log_group)


def function_code(package: str) -> aws_lambda.Code:
    """Return the code of one step: its own package and the two that all steps share."""
    keep = [f"!/{name}" for name in (package, "awskit", "imagekit")]
    return aws_lambda.Code.from_asset(
        str(LAMBDAS), exclude=["/*", *keep, "__pycache__", "*.pyc"], ignore_mode=IgnoreMode.GIT
    )
