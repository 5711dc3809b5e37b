"""The Lambda functions of the workflow's steps, and the layers they share."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from safelight.core.bundling import function_code, layer_code
from safelight.core.models import model_layer_code
from safelight.core.platform import Platform
from safelight.core.step_definition import StepDefinition, allow
from safelight.image_workflow.detectors import DETECTOR_MODELS
from safelight.image_workflow.renditions import watermarks_of
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.watermarks import WATERMARKS, watermark_layer_code

# The folder under lambdas/ that holds the packages of the steps.
_SYSTEM = "image_workflow"

# "Improving startup performance with Lambda SnapStart" in Lambda's developer guide.
_SNAP_START_PYTHON = (3, 12)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One Lambda function that does one thing with one image.

    Attributes
    ----------
    function
        The function. Executions call its current version.
    role
        What it may do.
    log_group
        Where it logs, in JSON, for a month.
    """

    function: aws_lambda.Function
    role: aws_iam.Role
    log_group: aws_logs.LogGroup


def make_steps(
    scope: Construct,
    *,
    definitions: Mapping[str, StepDefinition],
    platform: Platform,
    snap_start: bool,
    settings: StepSettings,
    removal_policy: RemovalPolicy,
) -> dict[str, Step]:
    """Make a function for each definition, under its id, and the layers that they share.

    Raises
    ------
    ValueError
        When ``snap_start`` is asked of a Python that has none.
    """
    if snap_start and tuple(map(int, platform.python.split("."))) < _SNAP_START_PYTHON:
        raise ValueError(
            f"snap_start=True needs Python 3.12 or newer, and platform= is {platform.python}: choose a newer one, or "
            "leave snap_start out."
        )
    names = {name for definition in definitions.values() for name in definition.layers}
    layers = {name: _make_layer(scope, name=name, platform=platform, settings=settings) for name in sorted(names)}
    return {
        id: _make_step(
            scope,
            id,
            definition=definition,
            layers=layers,
            platform=platform,
            snap_start=aws_lambda.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            settings=settings,
            removal_policy=removal_policy,
        )
        for id, definition in sorted(definitions.items())
    }


def _make_layer(scope: Construct, *, name: str, platform: Platform, settings: StepSettings) -> aws_lambda.LayerVersion:
    return aws_lambda.LayerVersion(
        scope,
        f"{name.title().replace('_', '')}Layer",
        description=f"Image workflow: {name}",
        code=_layer_code(name, platform=platform, settings=settings),
        compatible_runtimes=[platform.runtime],
        compatible_architectures=[platform.lambda_architecture],
    )


def _layer_code(name: str, *, platform: Platform, settings: StepSettings) -> aws_lambda.Code:
    if name == DETECTOR_MODELS:
        return model_layer_code()
    if name == WATERMARKS:
        return watermark_layer_code(watermarks_of(settings.renditions))
    return layer_code(name, platform=platform)


def _make_step(
    scope: Construct,
    id: str,
    *,
    definition: StepDefinition,
    layers: Mapping[str, aws_lambda.ILayerVersion],
    platform: Platform,
    snap_start: aws_lambda.SnapStartConf | None,
    settings: StepSettings,
    removal_policy: RemovalPolicy,
) -> Step:
    log_group = aws_logs.LogGroup(
        scope, f"{id}Logs", retention=aws_logs.RetentionDays.ONE_MONTH, removal_policy=removal_policy
    )
    role = aws_iam.Role(
        scope,
        f"{id}Role",
        assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"What the {definition.package} step of the image workflow may do",
    )
    allow(role, "logs:CreateLogStream", "logs:PutLogEvents", on=log_group.log_group_arn)
    definition.permit(role, settings)
    function = aws_lambda.Function(
        scope,
        id,
        description=f"Image workflow: {definition.package}",
        code=function_code(f"{_SYSTEM}/{definition.package}", *definition.packages, platform=platform),
        handler=f"{_SYSTEM}.{definition.package}.handler.handler",
        runtime=platform.runtime,
        architecture=platform.lambda_architecture,
        memory_size=definition.memory,
        timeout=Duration.seconds(definition.timeout),
        layers=[layers[name] for name in definition.layers],
        role=role,
        log_group=log_group,
        logging_format=aws_lambda.LoggingFormat.JSON,
        tracing=aws_lambda.Tracing.ACTIVE,
        snap_start=snap_start,
        environment={
            "POWERTOOLS_SERVICE_NAME": definition.package,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            **definition.environment(settings),
        },
    )
    return Step(function=function, role=role, log_group=log_group)
