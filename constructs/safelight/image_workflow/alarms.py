"""The alarms of an image workflow. A new alarm is an entry in one of these lists."""

from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct

from safelight.core.alarms import PERIOD, SUSTAINED_PERIODS, AlarmDefinition, fault_metric, messages_in
from safelight.core.function import Step
from safelight.image_workflow.outcomes import METRIC_NAMESPACE
from safelight.image_workflow.steps import STEP_DEFINITIONS
from safelight.image_workflow.workflow import ImageWorkflow

_REJECT_BY_RAISING = {step.package for step in STEP_DEFINITIONS.values() if step.rejects_by_raising}


def execution_alarms(scope: Construct, *, workflow: ImageWorkflow, max_duration: Duration) -> list[AlarmDefinition]:
    """Return the alarms on executions, and on uploads that started no execution.

    Parameters
    ----------
    scope
        The construct whose path the saved queries are under.
    """
    machine = workflow.state_machine
    again = "Fix the problem. Then, on the execution's page, choose Redrive (version 5) or New execution."
    # In version 5, a new execution changes nothing while the ended execution still claims the upload.
    unrecorded = (
        "The record of its upload may have no outcome yet. Find the key in the execution's input: list the executions "
        f"of {machine.state_machine_name} by status. Wait a few minutes, until the record says FAILED. {again}"
    )
    return [
        AlarmDefinition(
            id="ExecutionsFailed",
            metric=machine.metric_failed(period=PERIOD, statistic="Sum"),
            description="An image could not be processed because of an error. Its record has the status FAILED and the "
            f"error. The saved query {scope.node.path}/Failures lists keys and errors. {again}",
        ),
        AlarmDefinition(
            id="ExecutionsTimedOut",
            metric=machine.metric_timed_out(period=PERIOD, statistic="Sum"),
            description=f"An execution exceeded the timeout of the state machine. {unrecorded}",
        ),
        AlarmDefinition(
            id="ExecutionsAborted",
            metric=machine.metric_aborted(period=PERIOD, statistic="Sum"),
            description=f"Somebody stopped an execution. {unrecorded}",
        ),
        AlarmDefinition(
            id="ExecutionsThrottled",
            metric=machine.metric_throttled(period=PERIOD, statistic="Sum"),
            periods=SUSTAINED_PERIODS,
            description="Step Functions has throttled state transitions for 15 minutes, because the account exceeds "
            "its quota per second. No upload is lost, but uploads are delayed. If this continues, request a higher "
            "StateTransition quota in Service Quotas, or upload more slowly.",
        ),
        AlarmDefinition(
            id="ExecutionsSlow",
            metric=machine.metric_time(period=PERIOD, statistic="p99"),
            threshold=max_duration.to_milliseconds(),
            comparison=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            periods=SUSTAINED_PERIODS,
            description="For 15 minutes, one execution in a hundred has taken more than "
            f"{max_duration.to_human_string()}. The saved query {scope.node.path}/Slowest uploads lists them. The "
            "dashboard shows which function is slow, throttled or retried.",
        ),
        AlarmDefinition(
            id="DeadLetters",
            metric=messages_in(workflow.dead_letters),
            description="EventBridge could not start executions for some uploads: it had no permission, which it does "
            "not retry, or a day of attempts failed. They have no record. "
            f"Each message in the queue {workflow.dead_letters.queue_name} is the S3 event of one "
            "upload, with bucket and key. Fix the cause, usually a missing permission or a deleted state machine. Then "
            "start an execution with each message's body as its input, and delete the message.",
        ),
    ]


def function_alarms(scope: Construct, *, package: str, step: Step) -> list[AlarmDefinition]:
    """Return the alarms on one step's function."""
    name = "".join(word.capitalize() for word in package.split("_"))
    function = step.function
    return [
        AlarmDefinition(
            id=f"{name}Errors",
            metric=fault_metric(scope, f"{name}Faults", namespace=f"{METRIC_NAMESPACE}/Faults", step=step)
            if package in _REJECT_BY_RAISING
            else function.metric_errors(period=PERIOD, statistic="Sum"),
            description=f"The function {function.function_name} ({package}) raised errors that are not "
            "rejections. The workflow retries. If all retries fail, the image is recorded as FAILED, which raises "
            f"another alarm. See the lines of level ERROR in the log group {step.log_group.log_group_name}. Each line "
            "has the upload's key and its execution.",
        ),
        AlarmDefinition(
            id=f"{name}Throttles",
            metric=function.metric_throttles(period=PERIOD, statistic="Sum"),
            periods=SUSTAINED_PERIODS,
            description=f"Lambda has throttled {function.function_name} ({package}) for 15 minutes, because the "
            "concurrency of the account or of the function is used up. The workflow retries for minutes, then records "
            "the image as FAILED. Request more concurrent executions in Service Quotas, or upload more slowly.",
        ),
    ]


def background_alarms(workflow: ImageWorkflow) -> list[AlarmDefinition]:
    """Return the alarms on messages that background functions could not process."""
    return [
        AlarmDefinition(
            id=dead_letters.node.id,
            metric=messages_in(dead_letters),
            description="A background function could not process a message, even after hours of attempts. Renditions "
            "that should be removed may still exist, or a record may still have the status PROCESSING. Each message in "
            f"the queue {dead_letters.queue_name} has the id of an execution or of an upload. See the lines of level "
            "ERROR in the function's log group and fix the cause. Then start a redrive of the queue to its source.",
        )
        for dead_letters in workflow.background_dead_letters
    ]
