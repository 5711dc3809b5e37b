"""The Lambda functions of a system's steps, each with its role and its log group."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size, aws_iam, aws_kms, aws_lambda, aws_logs
from constructs import Construct

from safelight.core.bundling import function_code
from safelight.core.layers import LayerSource, make_layers, system_title, system_words
from safelight.core.network import Network, allow_network_interfaces, deny_network_interfaces_to_code
from safelight.core.permissions import allow
from safelight.core.platform import Platform
from safelight.core.regions import validate_partition, warn_without_rekognition
from safelight.core.step_definition import Settings, StepDefinition

# "Improving startup performance with Lambda SnapStart" in Lambda's developer guide.
_SNAP_START_PYTHON = (3, 12)


@dataclass(frozen=True, kw_only=True)
class FunctionOptions:
    """What all functions of a system have in common.

    Parameters
    ----------
    platform
        Runtime and processor.
    snap_start
        Whether each published version starts from a snapshot.
    network
        The VPC. ``None`` runs the functions outside of one.
    encryption_key
        Encrypts environment variables and logs. ``None`` encrypts with keys of AWS.
    removal_policy
        What happens to the logs when the stack is deleted.

    Raises
    ------
    ValueError
        If ``snap_start`` is true and the Python version does not support it.
    """

    platform: Platform
    snap_start: bool
    network: Network | None
    encryption_key: aws_kms.IKey | None
    removal_policy: RemovalPolicy

    def __post_init__(self) -> None:
        if self.snap_start and tuple(map(int, self.platform.python.split("."))) < _SNAP_START_PYTHON:
            raise ValueError(
                f"snap_start=True needs Python 3.12 or newer, and platform= is {self.platform.python}. Choose a newer "
                "version, or omit snap_start."
            )


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
    options: FunctionOptions,
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
    """
    validate_partition(scope)
    warn_without_rekognition(scope, calls={call for definition in definitions.values() for call in definition.calls})
    layers = make_layers(
        scope,
        {name for definition in definitions.values() for name in definition.layers},
        system=system,
        platform=options.platform,
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
            options=options,
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
    options: FunctionOptions,
) -> Step:
    platform, network, key = options.platform, options.network, options.encryption_key
    log_group = aws_logs.LogGroup(
        scope,
        f"{id}Logs",
        retention=aws_logs.RetentionDays.ONE_MONTH,
        encryption_key=key,
        removal_policy=options.removal_policy,
    )
    role = aws_iam.Role(
        scope,
        f"{id}Role",
        assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"),
        description=f"Permissions of the {definition.package} step of the {system_words(system)}",
    )
    allow(role, "logs:CreateLogStream", "logs:PutLogEvents", on=log_group.log_group_arn)
    definition.permit(role, settings)
    if key:
        key.grant_decrypt(role)
    if network:
        allow_network_interfaces(role)
    function = aws_lambda.Function(
        scope,
        id,
        description=f"{system_title(system)}: {definition.package}",
        code=function_code(f"{system}/{definition.package}", *definition.packages, platform=platform),
        handler=f"{system}.{definition.package}.handler.handler",
        runtime=platform.runtime,
        architecture=platform.lambda_architecture,
        memory_size=definition.memory,
        ephemeral_storage_size=Size.mebibytes(definition.storage) if definition.storage else None,
        timeout=Duration.seconds(definition.timeout),
        layers=[layers[name] for name in definition.layers],
        role=role,
        log_group=log_group,
        logging_format=aws_lambda.LoggingFormat.JSON,
        tracing=definition.tracing,
        snap_start=aws_lambda.SnapStartConf.ON_PUBLISHED_VERSIONS if options.snap_start else None,
        vpc=network.vpc if network else None,
        vpc_subnets=network.vpc_subnets if network else None,
        security_groups=list(network.security_groups) if network else None,
        environment_encryption=key,
        environment=step_environment(definition, settings),
    )
    if network:
        deny_network_interfaces_to_code(scope, f"{id}NetworkPolicy", role=role, function_arn=function.function_arn)
    return Step(function=function, role=role, log_group=log_group)


def step_environment(definition: StepDefinition[Settings], settings: Settings) -> dict[str, str]:
    """Return all environment variables of a step's function."""
    return {
        "POWERTOOLS_SERVICE_NAME": definition.package,
        "POWERTOOLS_LOG_LEVEL": "INFO",
        **definition.environment(settings),
    }


def reserve_concurrency(function: aws_lambda.Function, executions: int | None) -> None:
    """Let a function run that often at once, and keep as much of the account's concurrency for it.

    Parameters
    ----------
    executions
        ``None`` reserves nothing.

    Raises
    ------
    ValueError
        If it is below 1, which would stop the function.
    """
    if executions is not None and executions < 1:
        raise ValueError(f"reserved_concurrency={executions} would stop the function. Use at least 1, or omit it.")
    l1 = function.node.default_child
    assert isinstance(l1, aws_lambda.CfnFunction)  # noqa: S101
    l1.reserved_concurrent_executions = executions
