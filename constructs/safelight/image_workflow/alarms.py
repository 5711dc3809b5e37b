"""The alarms of an image workflow. A new alarm is an entry in one of these lists."""

from aws_cdk import Duration, aws_cloudwatch
from constructs import Construct

from safelight.core.alarms import PERIOD, SUSTAINED_PERIODS, AlarmDefinition, fault_metric, messages_in
from safelight.core.function import Step
from safelight.image_workflow.outcomes import METRIC_NAMESPACE
from safelight.image_workflow.workflow import ImageWorkflow

REJECTING_STEPS = frozenset({"resize", "render", "publish"})
"""Steps that are no checks: they reject an image by raising an error, which Lambda counts as one of theirs."""


def execution_alarms(scope: Construct, *, workflow: ImageWorkflow, max_duration: Duration) -> list[AlarmDefinition]:
    """Return the alarms on executions and on the uploads that started none.

    Parameters
    ----------
    scope
        The construct whose path the saved queries are under.
    """
    machine = workflow.state_machine
    again = (
        "Mend the cause, then run the upload again: `safelight retry KEY`, or New execution on the execution's "
        "page. Redrive there does it too, in a Standard workflow of version 5."
    )
    # A new execution would find the upload claimed by the one that ended, in version 5.
    unrecorded = (
        "Its upload may have no outcome in its record. The key is in the execution's input: see the executions of "
        f"{machine.state_machine_name} by status. Mend the cause, then run the upload again: "
        "`safelight retry KEY`, or Redrive on the page of a Standard execution, which goes on where it stopped."
    )
    return [
        AlarmDefinition(
            id="ExecutionsFailed",
            metric=machine.metric_failed(period=PERIOD, statistic="Sum"),
            description=f"Something broke while an image was worked on: its record says FAILED, and why. The saved "
            f"query {scope.node.path}/Failures lists keys and errors. {again}",
        ),
        AlarmDefinition(
            id="ExecutionsTimedOut",
            metric=machine.metric_timed_out(period=PERIOD, statistic="Sum"),
            description=f"An execution ran into the state machine's own time limit. {unrecorded}",
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
            description="For 15 minutes Step Functions has held back state transitions, as the account makes more "
            "than its quota a second. Nothing is lost: uploads are late. If it lasts, ask for a higher "
            "StateTransition quota in Service Quotas, or upload more slowly.",
        ),
        AlarmDefinition(
            id="ExecutionsSlow",
            metric=machine.metric_time(period=PERIOD, statistic="p99"),
            threshold=max_duration.to_milliseconds(),
            comparison=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            periods=SUSTAINED_PERIODS,
            description="For 15 minutes one execution in a hundred has taken more than "
            f"{max_duration.to_human_string()}. The saved query {scope.node.path}/Slowest uploads lists them; the "
            "dashboard says which function is slow, throttled or retried.",
        ),
        AlarmDefinition(
            id="DeadLetters",
            metric=messages_in(workflow.dead_letters),
            description="Uploads started no execution, even after a day of attempts, and have no record. Each "
            f"message in the queue {workflow.dead_letters.queue_name} is the S3 event of one, with bucket and key: "
            "mend the cause (most often a permission or a deleted state machine), start an execution with each "
            "message's body as its input, then delete the message.",
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
            if package in REJECTING_STEPS
            else function.metric_errors(period=PERIOD, statistic="Sum"),
            description=f"The function {function.function_name} ({package}) raised errors that are no rejections. "
            "The workflow tries again; an image whose attempts are used up is FAILED and raises its own alarm. "
            f"See the lines of level ERROR in the log group {step.log_group.log_group_name}: each names the "
            "upload's key and its execution.",
        ),
        AlarmDefinition(
            id=f"{name}Throttles",
            metric=function.metric_throttles(period=PERIOD, statistic="Sum"),
            periods=SUSTAINED_PERIODS,
            description=f"For 15 minutes Lambda has refused invocations of {function.function_name} ({package}): "
            "the account's or the function's concurrency is used up. The workflow tries again for minutes, then "
            "the image is FAILED. Ask for more concurrent executions in Service Quotas, or upload more slowly.",
        ),
    ]


def background_alarms(workflow: ImageWorkflow) -> list[AlarmDefinition]:
    """Return the alarms on the messages that functions in the background could not handle."""
    return [
        AlarmDefinition(
            id=dead_letters.node.id,
            metric=messages_in(dead_letters),
            description="A function in the background could not handle a message, even after hours of attempts: "
            "renditions that should be gone may be there, or a record may be PROCESSING. Each message in the queue "
            f"{dead_letters.queue_name} names an execution or an upload. See the lines of level ERROR in the "
            "function's log group, fix the cause, then start a redrive of the queue to its source.",
        )
        for dead_letters in workflow.background_dead_letters
    ]
