"""What invokes the functions that no state invokes: ``sweep`` and ``withdraw``.

Each takes messages from a queue, so that a failed message is tried again.
"""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, aws_events, aws_kms, aws_sqs, aws_stepfunctions
from constructs import Construct

from safelight.core.events import make_rules, object_events
from safelight.core.function import Step
from safelight.core.nag import acknowledge_executions
from safelight.core.permissions import allow, executions_of
from safelight.core.queues import QueueTarget, feed_function
from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.steps import sweep, withdraw
from safelight_contracts.environment import Variable

# Longer than any function's timeout, because a function can still write after its execution was stopped.
_SWEEP_DELAY = Duration.minutes(2)
_SWEEP_EVERY = Duration.hours(1)
# This reads every record.
_SWEEP_CLAIMS_EVERY = Duration.days(1)


def background_definitions(on_delete: OnDelete) -> dict[str, StepDefinition[StepSettings]]:
    """Return the functions that a workflow needs."""
    needed = (sweep.BACKGROUND, withdraw.BACKGROUND) if on_delete is OnDelete.WITHDRAW else (sweep.BACKGROUND,)
    return {definition.id: definition for definition in needed}


def run_in_background(
    scope: Construct,
    *,
    steps: Mapping[str, Step],
    state_machine: aws_stepfunctions.StateMachine,
    settings: StepSettings,
    encryption_key: aws_kms.IKey | None,
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
            step=steps[sweep.BACKGROUND.id],
            state_machine=state_machine,
            is_express=settings.is_express,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
        )
    ]
    if withdrawing := steps.get(withdraw.BACKGROUND.id):
        dead_letters.append(
            _withdraw_on_deletion(
                scope, step=withdrawing, settings=settings, encryption_key=encryption_key, removal_policy=removal_policy
            )
        )
    return dead_letters


def _sweep_after_executions(
    scope: Construct,
    *,
    step: Step,
    state_machine: aws_stepfunctions.StateMachine,
    is_express: bool,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> aws_sqs.Queue:
    """Run the sweeper for every execution that ends without an outcome, and on schedules.

    Step Functions sends events on a best-effort basis, and none for Express: the schedules find what they miss.
    """
    queue, dead_letters = feed_function(
        scope,
        "Sweep",
        function=step.function,
        delay=_SWEEP_DELAY,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    target = QueueTarget(queue)
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
        step.function.add_environment(Variable.STATE_MACHINE, state_machine.state_machine_arn)
        allow(step.role, "states:DescribeExecution", on=executions_of(state_machine))
        acknowledge_executions(step.role, state_machine=state_machine)
        allow(step.role, "states:ListExecutions", on=state_machine.state_machine_arn)
    schedules = {"SweepEachHour": (_SWEEP_EVERY, "everything"), "SweepEachDay": (_SWEEP_CLAIMS_EVERY, "claims")}
    for id, (every, what) in schedules.items():
        aws_events.Rule(
            scope,
            id,
            description=f"Runs the image workflow's sweeper for unfinished work: {what}",
            schedule=aws_events.Schedule.rate(every),
            targets=[QueueTarget(queue, message=aws_events.RuleTargetInput.from_object({"sweep": what}))],
        )
    return dead_letters


def _withdraw_on_deletion(
    scope: Construct,
    *,
    step: Step,
    settings: StepSettings,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> aws_sqs.Queue:
    """Run ``withdraw`` for every deletion in the upload bucket."""
    queue, dead_letters = feed_function(
        scope,
        "Withdraw",
        function=step.function,
        delay=Duration.seconds(0),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    make_rules(
        scope,
        "Deleted",
        description="Notifies the image workflow of every object that is deleted in the upload bucket",
        event_patterns=object_events(
            "Object Deleted",
            bucket=settings.upload_bucket,
            key_prefix=settings.key_prefix,
            key_suffixes=settings.key_suffixes,
        ),
        target=QueueTarget(queue),
    )
    return dead_letters
