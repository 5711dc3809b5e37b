"""Releases: a published state machine version, and the alias ``live`` that moves to it."""

import math
from dataclasses import dataclass
from enum import Enum

from aws_cdk import Duration, RemovalPolicy, Stack, aws_cloudwatch, aws_lambda, aws_stepfunctions
from constructs import Construct, Node

from safelight.core.layers import system_words
from safelight_contracts.arguments import validated, validated_fields
from safelight_contracts.release import ALIAS

_RECOGNIZE_LAYER_VERSION = "@aws-cdk/aws-lambda:recognizeLayerVersion"

# CloudFormation's own limit for DeploymentPreference's Interval, and for all intervals of a linear deployment together.
_MAX_MINUTES = 2100

# CloudFormation polls the alarm about once a minute. An alarm of one period could go off and end between two polls.
_ALARM_MINUTES = 5


class DeploymentType(Enum):
    """How new executions move from the previous version to the new one, in CloudFormation's terms."""

    ALL_AT_ONCE = "ALL_AT_ONCE"
    CANARY = "CANARY"
    LINEAR = "LINEAR"


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Release:
    """How a deployment moves new executions to the new version of a state machine.

    Create one with ``all_at_once``, ``canary`` or ``linear``. A running execution ends on the version that it started
    on, with the same definition, and the same code and settings of functions. Roles, buckets and the set of functions
    belong to the stack, not to a version. A deployment that removes a step or a permission removes it from the previous
    version too. In a gradual release, executions of the previous version then fail and roll it back. Make such a change
    with ``all_at_once``, in two deployments, as "Release and roll back" describes.

    Parameters
    ----------
    type
        How new executions move.
    percent
        The percentage of new executions that move in one increment, 1 to 99. ``None`` if all move at once.
    minutes
        The time between two increments, 1 to 2,100. ``None`` if all move at once.

    Raises
    ------
    ValueError
        If the arguments contradict one another or are out of range.

    References
    ----------
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-stepfunctions-statemachinealias-deploymentpreference.html
    and, for the limit of a linear release, ``validateLinearDeploymentConfiguration`` in
    https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions
    """

    type: DeploymentType
    percent: int | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        if (self.type is DeploymentType.ALL_AT_ONCE) != (self.percent is None) or (self.percent is None) != (
            self.minutes is None
        ):
            raise ValueError(
                f"type={self.type.value}, percent={self.percent} and minutes={self.minutes} contradict one another. "
                "Use Release.all_at_once(), Release.canary() or Release.linear()."
            )
        if self.percent is not None and not 1 <= self.percent <= 99:
            raise ValueError(
                f"percent={self.percent} must be 1 to 99. It is the share of new executions that moves first. "
                "To move all of them, use Release.all_at_once()."
            )
        if self.minutes is not None and not 1 <= self.minutes <= _MAX_MINUTES:
            raise ValueError(
                f"A release must wait 1 to {_MAX_MINUTES} minutes between two increments, not {self.minutes}."
            )
        if self.type is DeploymentType.LINEAR and self.percent is not None and self.minutes is not None:
            _validate_linear(percent=self.percent, minutes=self.minutes)

    @classmethod
    def all_at_once(cls) -> "Release":
        """Move all new executions as soon as the version is published."""
        return cls(type=DeploymentType.ALL_AT_ONCE)

    @classmethod
    @validated
    def canary(cls, *, percent: int, bake: Duration) -> "Release":
        """Move a share of new executions, wait, then move the rest.

        The deployment takes as long as ``bake``. An execution of either version that fails or times out in this time
        rolls it back.

        Parameters
        ----------
        percent
            The percentage of new executions that move first, 1 to 99.
        bake
            The time to wait, in whole minutes, 1 to 2,100.

        Raises
        ------
        ValueError
            If an argument is out of range.
        """
        return cls(type=DeploymentType.CANARY, percent=percent, minutes=_whole_minutes("bake", bake))

    @classmethod
    @validated
    def linear(cls, *, percent: int, interval: Duration) -> "Release":
        """Move a share of new executions, and the same share again after each wait, until all have moved.

        An execution of either version that fails or times out in this time rolls the deployment back.

        Parameters
        ----------
        percent
            The percentage of new executions that move in each increment, 1 to 99.
        interval
            The time between two increments, in whole minutes, 1 to 2,100. The intervals of all increments together can
            take 2,100 minutes (35 hours).

        Raises
        ------
        ValueError
            If an argument is out of range.
        """
        return cls(type=DeploymentType.LINEAR, percent=percent, minutes=_whole_minutes("interval", interval))


def _validate_linear(*, percent: int, minutes: int) -> None:
    increments = math.ceil(100 / percent)
    if increments * minutes > _MAX_MINUTES:
        raise ValueError(
            f"A linear release of percent={percent} has {increments} increments. With {minutes} minutes each, it would "
            f"take {increments * minutes} minutes, and CloudFormation allows {_MAX_MINUTES}. Use a larger percent, or "
            f"an interval of at most {_MAX_MINUTES // increments} minutes."
        )


def _whole_minutes(argument: str, duration: Duration) -> int:
    seconds = duration.to_seconds(integral=False)
    minutes, rest = divmod(seconds, 60)
    if rest:
        raise ValueError(f"{argument} is {seconds:g} seconds. Use whole minutes.")
    return int(minutes)


@dataclass(frozen=True, kw_only=True)
class PinnedFunction:
    """A Lambda function at the version that a released definition invokes.

    Parameters
    ----------
    arn
        The ARN in the definition.
    permitted
        The ARN that the state machine's role may invoke.
    """

    arn: str
    permitted: str


def pin_function(function: aws_lambda.IFunction, *, scope: Construct) -> PinnedFunction:
    """Pin a function to its version, so that a released state machine version always invokes the same code.

    Parameters
    ----------
    function
        A ``Function`` of the same stack is invoked at its current version. Anything else, such as an alias or a
        function of another stack, is invoked as it is.
    scope
        A construct of the stack.
    """
    if not (isinstance(function, aws_lambda.Function) and Stack.of(function).node.addr == Stack.of(scope).node.addr):
        return PinnedFunction(arn=function.function_arn, permitted=function.function_arn)
    version = function.current_version
    # Running executions and rollbacks need the previous versions. If a deployment is rolled back, its new version is
    # deleted: Lambda publishes no version if the code is that of the latest one, and the next deployment would fail.
    # So the executions of a rolled-back version lose their functions, and the alarm says how to run them again.
    version.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    # All versions, not only the current one: older state machine versions share the role and invoke older versions.
    return PinnedFunction(arn=version.function_arn, permitted=f"{function.function_arn}:*")


def version_on_layer_change(node: Node) -> None:
    """Give the functions below a node a new version when only one of their layers changes.

    This sets a feature flag of the CDK. The node must have no children yet.
    """
    node.set_context(_RECOGNIZE_LAYER_VERSION, True)  # noqa: FBT003


def make_live_alias(
    scope: Construct, id: str, *, system: str, state_machine: aws_stepfunctions.StateMachine, release: Release
) -> aws_stepfunctions.CfnStateMachineAlias:
    """Publish the state machine as it is deployed, and move the alias ``live`` to it.

    Parameters
    ----------
    system
        Folder name of the system, which the alarm of a gradual release names in words.
    state_machine
        The state machine to publish. Its revision changes with its definition, function versions, role and logging.
        Each new revision becomes a version. Step Functions keeps 1,000 versions: delete the oldest yourself.
    release
        How the alias moves.
    """
    version = aws_stepfunctions.CfnStateMachineVersion(
        scope,
        f"{id}Version",
        state_machine_arn=state_machine.state_machine_arn,
        state_machine_revision_id=state_machine.state_machine_revision_id,
    )
    # CloudFormation would delete the previous version, which a manual rollback needs.
    version.apply_removal_policy(RemovalPolicy.RETAIN)
    gradual = release.type is not DeploymentType.ALL_AT_ONCE
    return aws_stepfunctions.CfnStateMachineAlias(
        scope,
        id,
        name=ALIAS,
        description=f"The released version of the {system_words(system)}",
        deployment_preference=aws_stepfunctions.CfnStateMachineAlias.DeploymentPreferenceProperty(
            state_machine_version_arn=version.ref,
            type=release.type.value,
            percentage=release.percent,
            interval=release.minutes,
            # By name: CloudFormation treats an alarm that it does not find, such as an ARN, as OK.
            alarms=_failures(scope, id, system=system, state_machine=state_machine) if gradual else None,
        ),
    )


def _failures(scope: Construct, id: str, *, system: str, state_machine: aws_stepfunctions.StateMachine) -> list[str]:
    """Make the alarms that roll a release back, and return their names.

    An execution that somebody stops says nothing about a release.
    """
    period = Duration.minutes(1)
    watched = {
        "Failures": ("failed", state_machine.metric_failed(period=period)),
        "Timeouts": ("timed out", state_machine.metric_timed_out(period=period)),
    }
    return [
        aws_cloudwatch.Alarm(
            scope,
            f"{id}{name}",
            alarm_description=f"An execution of the {system_words(system)} {happened}. A release in progress is "
            "rolled back, which deletes the function versions that it published. Run the executions of the "
            "rolled-back version again with New execution or `safelight retry`. Redrive would fail.",
            metric=metric,
            threshold=1,
            evaluation_periods=_ALARM_MINUTES,
            datapoints_to_alarm=1,
            comparison_operator=aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        ).alarm_name
        for name, (happened, metric) in watched.items()
    ]
