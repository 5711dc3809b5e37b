"""The functions that no state invokes: they finish what executions left, and withdraw what was deleted.

Each takes messages from a queue, so that a message that fails comes again.
"""

from collections.abc import Mapping

from aws_cdk import (
    ArnFormat,
    Duration,
    RemovalPolicy,
    Stack,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_sqs,
    aws_stepfunctions,
)
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from safelight.core.function import Step
from safelight.core.nag import acknowledge_executions
from safelight.core.queues import KEPT, dead_letter_queue
from safelight.core.step_definition import StepDefinition, allow
from safelight.image_workflow.intake import object_events
from safelight.image_workflow.settings import StepSettings
from safelight.image_workflow.step_parts import permit_removing_sets, records_environment

SWEEP, WITHDRAW = "Sweep", "Withdraw"

# Longer than any function of a workflow runs: what one writes after its execution was stopped is there by then.
_SWEEP_DELAY = Duration.minutes(2)
_SWEEP_EVERY = Duration.hours(1)
# It reads every record.
_SWEEP_CLAIMS_EVERY = Duration.days(1)
_TIMEOUT = 120
# "Configuring a queue to use with Lambda" in Lambda's developer guide: six times the function's timeout.
_VISIBILITY = Duration.seconds(6 * _TIMEOUT)
_MAX_RECEIVED = 20


def _permit_finishing(role: aws_iam.Role, settings: StepSettings) -> None:
    permit_removing_sets(role, settings)
    allow(role, "events:PutEvents", on=settings.event_bus.event_bus_arn)


def _permit_sweeping(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_finishing(role, settings)
    allow(role, "dynamodb:Scan", on=settings.records.table_arn)


def _permit_withdrawing(role: aws_iam.Role, settings: StepSettings) -> None:
    _permit_finishing(role, settings)
    # HEAD asks for both: without the second, S3 answers 403 for an object that is gone.
    allow(role, "s3:GetObject", on=settings.upload_bucket.arn_for_objects(f"{settings.key_prefix}*"))
    allow(role, "s3:ListBucket", on=settings.upload_bucket.bucket_arn)
    if settings.upload_bucket.encryption_key:
        settings.upload_bucket.encryption_key.grant_decrypt(role)


def _environment(settings: StepSettings) -> dict[str, str]:
    return {
        **records_environment(settings),
        "PUBLISHED_BUCKET": settings.published_bucket.bucket_name,
        "EVENT_BUS": settings.event_bus.event_bus_name,
        "KEY_PREFIX": settings.key_prefix,
        "VERSION": settings.version,
    }


BACKGROUND_DEFINITIONS: Mapping[str, StepDefinition] = {
    SWEEP: StepDefinition(
        id=SWEEP,
        package="sweep",
        memory=512,
        timeout=_TIMEOUT,
        layers=("powertools",),
        environment=_environment,
        permit=_permit_sweeping,
    ),
    WITHDRAW: StepDefinition(
        id=WITHDRAW,
        package="withdraw",
        memory=512,
        timeout=_TIMEOUT,
        layers=("powertools",),
        arguments=frozenset({"on_delete"}),
        environment=_environment,
        permit=_permit_withdrawing,
    ),
}
"""The functions, under the ids of their constructs."""


def sweep_after_executions(
    scope: Construct,
    *,
    sweep: Step,
    state_machine: aws_stepfunctions.StateMachine,
    is_express: bool,
    removal_policy: RemovalPolicy,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Have ``sweep`` finish every execution that ends before its time, and each hour whatever is left of any.

    Step Functions sends its events as best it can, and none of Express executions: the schedule finds what they miss.

    Returns
    -------
    tuple of Queue
        Its queue, and that of the messages it could not handle.
    """
    queue, dead_letters = _queue_for(scope, "Sweep", step=sweep, delay=_SWEEP_DELAY, removal_policy=removal_policy)
    target = aws_events_targets.SqsQueue(queue)
    if not is_express:
        aws_events.Rule(
            scope,
            "ExecutionEnded",
            description="Tells the image workflow's sweeper of executions that ended without an outcome",
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
        sweep.function.add_environment("STATE_MACHINE", state_machine.state_machine_arn)
        executions = Stack.of(scope).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{state_machine.state_machine_name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        allow(sweep.role, "states:DescribeExecution", on=executions)
        acknowledge_executions(sweep.role, state_machine=state_machine)
        allow(sweep.role, "states:ListExecutions", on=state_machine.state_machine_arn)
    schedules = {"SweepEachHour": (_SWEEP_EVERY, "everything"), "SweepEachDay": (_SWEEP_CLAIMS_EVERY, "claims")}
    for id, (every, what) in schedules.items():
        aws_events.Rule(
            scope,
            id,
            description=f"Has the image workflow's sweeper look for what is left: {what}",
            schedule=aws_events.Schedule.rate(every),
            targets=[
                aws_events_targets.SqsQueue(queue, message=aws_events.RuleTargetInput.from_object({"sweep": what}))
            ],
        )
    return queue, dead_letters


def withdraw_on_deletion(
    scope: Construct, *, withdraw: Step, settings: StepSettings, removal_policy: RemovalPolicy
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Have ``withdraw`` look at every deletion in the upload bucket.

    Returns
    -------
    tuple of Queue
        Its queue, and that of the messages it could not handle.
    """
    queue, dead_letters = _queue_for(
        scope, "Withdraw", step=withdraw, delay=Duration.seconds(0), removal_policy=removal_policy
    )
    aws_events.Rule(
        scope,
        "Deleted",
        description="Tells the image workflow of every object deleted in the upload bucket",
        event_pattern=object_events("Object Deleted", bucket=settings.upload_bucket, key_prefix=settings.key_prefix),
        targets=[aws_events_targets.SqsQueue(queue)],
    )
    return queue, dead_letters


def _queue_for(
    scope: Construct, id: str, *, step: Step, delay: Duration, removal_policy: RemovalPolicy
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    dead_letters = dead_letter_queue(scope, f"{id}DeadLetters", removal_policy=removal_policy)
    queue = aws_sqs.Queue(
        scope,
        f"{id}Queue",
        encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        delivery_delay=delay,
        visibility_timeout=_VISIBILITY,
        retention_period=KEPT,
        dead_letter_queue=aws_sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=_MAX_RECEIVED),
        removal_policy=RemovalPolicy.DESTROY,
    )
    step.function.add_event_source(SqsEventSource(queue, batch_size=10, report_batch_item_failures=True))
    return queue, dead_letters
