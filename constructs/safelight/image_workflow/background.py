"""The functions that no state invokes: the sweeper, and the function that withdraws renditions of deleted uploads.

Each takes messages from a queue, so that a failed message is tried again.
"""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, aws_events, aws_events_targets, aws_iam, aws_sqs, aws_stepfunctions
from constructs import Construct

from safelight.core.events import object_events
from safelight.core.function import Step
from safelight.core.nag import acknowledge_executions
from safelight.core.permissions import allow, executions_of
from safelight.core.queues import feed_function
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import allow_recording_outcomes, records_environment
from safelight_contracts.environment import Variable

SWEEP, WITHDRAW = "Sweep", "Withdraw"

# Longer than any function's timeout, because a function can still write after its execution was stopped.
_SWEEP_DELAY = Duration.minutes(2)
_SWEEP_EVERY = Duration.hours(1)
# This reads every record.
_SWEEP_CLAIMS_EVERY = Duration.days(1)
_TIMEOUT = 120


def _allow_sweeping(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_recording_outcomes(role, settings)
    allow(role, "dynamodb:Scan", on=settings.records.table_arn)


def _allow_withdrawing(role: aws_iam.Role, settings: StepSettings) -> None:
    allow_recording_outcomes(role, settings)
    # HEAD needs both. Without the second, S3 answers 403 for a missing object.
    allow(role, "s3:GetObject", on=settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*"))
    allow(role, "s3:ListBucket", on=settings.upload_bucket.bucket_arn)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


def _environment(settings: StepSettings) -> dict[str, str]:
    return {
        **records_environment(settings),
        Variable.PUBLISHED_BUCKET: settings.published_bucket.bucket_name,
        Variable.EVENT_BUS: settings.event_bus.event_bus_arn,
        Variable.KEY_PREFIX: settings.key_prefix,
        Variable.VERSION: settings.version,
    }


BACKGROUND_DEFINITIONS: Mapping[str, StepDefinition[StepSettings]] = {
    SWEEP: StepDefinition(
        id=SWEEP,
        package="sweep",
        memory=512,
        timeout=_TIMEOUT,
        layers=("powertools",),
        environment=_environment,
        permit=_allow_sweeping,
    ),
    WITHDRAW: StepDefinition(
        id=WITHDRAW,
        package="withdraw",
        memory=512,
        timeout=_TIMEOUT,
        layers=("powertools",),
        arguments=frozenset({"on_delete"}),
        environment=_environment,
        permit=_allow_withdrawing,
    ),
}
"""The functions, under the ids of their constructs."""


def background_definitions(on_delete: OnDelete) -> dict[str, StepDefinition[StepSettings]]:
    """Return the functions that a workflow needs."""
    ids = (SWEEP, WITHDRAW) if on_delete is OnDelete.WITHDRAW else (SWEEP,)
    return {id: BACKGROUND_DEFINITIONS[id] for id in ids}


def run_in_background(
    scope: Construct,
    *,
    steps: Mapping[str, Step],
    state_machine: aws_stepfunctions.StateMachine,
    settings: StepSettings,
    removal_policy: RemovalPolicy,
) -> list[aws_sqs.Queue]:
    """Connect the background functions among the steps to their queues.

    Returns
    -------
    list of Queue
        The dead-letter queues of the messages that the functions could not process.
    """
    dead_letters = [
        _sweep_after_executions(
            scope,
            sweep=steps[SWEEP],
            state_machine=state_machine,
            is_express=settings.is_express,
            removal_policy=removal_policy,
        )
    ]
    if WITHDRAW in steps:
        dead_letters.append(
            _withdraw_on_deletion(scope, withdraw=steps[WITHDRAW], settings=settings, removal_policy=removal_policy)
        )
    return dead_letters


def _sweep_after_executions(
    scope: Construct,
    *,
    sweep: Step,
    state_machine: aws_stepfunctions.StateMachine,
    is_express: bool,
    removal_policy: RemovalPolicy,
) -> aws_sqs.Queue:
    """Run the sweeper for every execution that ends without an outcome, and on schedules.

    Step Functions sends events on a best-effort basis, and none for Express: the schedules find what they miss.
    """
    queue, dead_letters = feed_function(
        scope, "Sweep", function=sweep.function, delay=_SWEEP_DELAY, removal_policy=removal_policy
    )
    target = aws_events_targets.SqsQueue(queue)
    if not is_express:
        aws_events.Rule(
            scope,
            "ExecutionEnded",
            description="Notifies the sweeper about executions of the image workflow that ended without an outcome",
            event_pattern=aws_events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [state_machine.state_machine_arn],
                },
            ),
            targets=[target],
        )
        sweep.function.add_environment(Variable.STATE_MACHINE, state_machine.state_machine_arn)
        allow(sweep.role, "states:DescribeExecution", on=executions_of(state_machine))
        acknowledge_executions(sweep.role, state_machine=state_machine)
        allow(sweep.role, "states:ListExecutions", on=state_machine.state_machine_arn)
    schedules = {"SweepEachHour": (_SWEEP_EVERY, "everything"), "SweepEachDay": (_SWEEP_CLAIMS_EVERY, "claims")}
    for id, (every, what) in schedules.items():
        aws_events.Rule(
            scope,
            id,
            description=f"Runs the image workflow's sweeper for unfinished work: {what}",
            schedule=aws_events.Schedule.rate(every),
            targets=[
                aws_events_targets.SqsQueue(queue, message=aws_events.RuleTargetInput.from_object({"sweep": what}))
            ],
        )
    return dead_letters


def _withdraw_on_deletion(
    scope: Construct, *, withdraw: Step, settings: StepSettings, removal_policy: RemovalPolicy
) -> aws_sqs.Queue:
    """Run ``withdraw`` for every deletion in the upload bucket."""
    queue, dead_letters = feed_function(
        scope, "Withdraw", function=withdraw.function, delay=Duration.seconds(0), removal_policy=removal_policy
    )
    aws_events.Rule(
        scope,
        "Deleted",
        description="Notifies the image workflow of every object that is deleted in the upload bucket",
        event_pattern=object_events("Object Deleted", bucket=settings.upload_bucket, key_prefix=settings.key_prefix),
        targets=[aws_events_targets.SqsQueue(queue)],
    )
    return dead_letters
