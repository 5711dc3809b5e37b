"""The Lambda functions of a system's steps, each with its role and its log group."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, aws_iam, aws_lambda, aws_logs
from constructs import Construct

from safelight.core.bundling import function_code
from safelight.core.layers import LayerSource, make_layers, system_title, system_words
from safelight.core.permissions import allow
from safelight.core.platform import Platform
from safelight.core.step_definition import Settings, StepDefinition

# "Improving startup performance with Lambda SnapStart" in Lambda's developer guide.
_SNAP_START_PYTHON = (3, 12)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One Lambda function that does one thing.

    Attributes
    ----------
    function
        The function. Executions invoke its current version.
    role
        The role of the function.
    log_group
        Its log group: JSON lines, kept for one month.
    """

    function: aws_lambda.Function
    role: aws_iam.Role
    log_group: aws_logs.LogGroup


def make_steps(
    scope: Construct,
    *,
    system: str,
    definitions: Mapping[str, StepDefinition[Settings]],
    layer_sources: Mapping[str, LayerSource],
    settings: Settings,
    platform: Platform,
    snap_start: bool,
    removal_policy: RemovalPolicy,
) -> dict[str, Step]:
    """Make a function for each definition, under its id, and the layers that the functions share.

    Parameters
    ----------
    system
        Folder under ``lambdas/`` with the packages of the steps, such as ``image_workflow``. Descriptions name it in
        words.
    layer_sources
        Code of the layers that no file under ``lambdas/layers/`` pins, by name.
    settings
        Passed to the definitions.

    Raises
    ------
    ValueError
        If ``snap_start`` is true and the Python version does not support it.
    """
    if snap_start and tuple(map(int, platform.python.split("."))) < _SNAP_START_PYTHON:
        raise ValueError(
            f"snap_start=True needs Python 3.12 or newer, and platform= is {platform.python}. Choose a newer "
            "version, or omit snap_start."
        )
    layers = make_layers(
        scope,
        {name for definition in definitions.values() for name in definition.layers},
        system=system,
        platform=platform,
        sources=layer_sources,
    )
    return {
        id: _make_step(
            scope,
            id,
            system=system,
            definition=definition,
            layers=layers,
            settings=settings,
            platform=platform,
            snap_start=aws_lambda.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            removal_policy=removal_policy,
        )
        for id, definition in sorted(definitions.items())
    }


def _make_step(
    scope: Construct,
    id: str,
    *,
    system: str,
    definition: StepDefinition[Settings],
    layers: Mapping[str, aws_lambda.ILayerVersion],
    settings: Settings,
    platform: Platform,
    snap_start: aws_lambda.SnapStartConf | None,
    removal_policy: RemovalPolicy,
) -> Step:
    log_group = aws_logs.LogGroup(
        scope, f"{id}Logs", retention=aws_logs.RetentionDays.ONE_MONTH, removal_policy=removal_policy
    )
    role = aws_iam.Role(
        scope,
        f"{id}Role",
        assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"Permissions of the {definition.package} step of the {system_words(system)}",
    )
    allow(role, "logs:CreateLogStream", "logs:PutLogEvents", on=log_group.log_group_arn)
    definition.permit(role, settings)
    function = aws_lambda.Function(
        scope,
        id,
        description=f"{system_title(system)}: {definition.package}",
        code=function_code(f"{system}/{definition.package}", *definition.packages, platform=platform),
        handler=f"{system}.{definition.package}.handler.handler",
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
