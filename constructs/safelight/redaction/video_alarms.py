"""The alarms of the redaction of videos, and its graphs."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch, aws_sns
from constructs import Construct

from safelight.core.alarms import PERIOD, SUSTAINED_PERIODS, AlarmDefinition, make_alarms, messages_in
from safelight.core.dashboard import execution_counts, graph, graph_by_function, messages_by_queue
from safelight.core.function import Step
from safelight.redaction.video_machine import Machine

_CHUNK_STEPS = ("detect", "cover")


def make_video_alarms(
    scope: Construct, *, topic: aws_sns.ITopic | None, machine: Machine, steps: Mapping[str, Step]
) -> list[aws_cloudwatch.Alarm]:
    """Make the alarms. Without a topic, there are none."""
    if topic is None:
        return []
    state_machine = machine.state_machine
    not_redacted = "Nothing of it reached the destination. Fix the problem. Then choose New execution on its page."
    return make_alarms(
        Construct(scope, "Alarms"),
        topic=topic,
        definitions=[
            AlarmDefinition(
                id="ExecutionsFailed",
                metric=state_machine.metric_failed(period=PERIOD, statistic="Sum"),
                description=f"A video could not be redacted because of an error. {not_redacted} The Map Run of the "
                f"execution shows which chunk failed, and the logs of {state_machine.state_machine_name} say why.",
            ),
            AlarmDefinition(
                id="ExecutionsTimedOut",
                metric=state_machine.metric_timed_out(period=PERIOD, statistic="Sum"),
                description=f"The redaction of a video took longer than a day. {not_redacted} A higher "
                "max_concurrency= redacts more chunks at the same time.",
            ),
            AlarmDefinition(
                id="ExecutionsAborted",
                metric=state_machine.metric_aborted(period=PERIOD, statistic="Sum"),
                description="Somebody stopped the redaction of a video. Nothing of it reached the destination. Its "
                "private files expire within two days.",
            ),
            AlarmDefinition(
                id="DeadLetters",
                metric=messages_in(machine.dead_letters),
                description="EventBridge could not start executions for some videos: it had no permission, or a day "
                f"of attempts failed. Each message in the queue {machine.dead_letters.queue_name} is the S3 event of "
                "one video. Fix the cause. Then start an execution with each message's body as its input, and delete "
                "the message.",
            ),
            AlarmDefinition(
                id="Throttles",
                metric=_throttles({name: steps[name] for name in _CHUNK_STEPS}),
                periods=SUSTAINED_PERIODS,
                description="Lambda has throttled the functions of chunks for 15 minutes, because the concurrency of "
                "the account is used up, for its other functions too. Each video takes up to max_concurrency= of it. "
                "Chunks wait for hours until there is some. Request more concurrent executions in Service Quotas, "
                "lower max_concurrency=, or upload more slowly.",
            ),
        ],
    )


def _throttles(steps: Mapping[str, Step]) -> aws_cloudwatch.MathExpression:
    return aws_cloudwatch.MathExpression(
        # A function that has not run in a period has no value there.
        expression=" + ".join(f"FILL({name}, 0)" for name in steps),
        using_metrics={
            name: step.function.metric_throttles(period=PERIOD, statistic="Sum") for name, step in steps.items()
        },
        label="Throttles",
        period=PERIOD,
    )


def video_widgets(*, machine: Machine, steps: dict[str, Step]) -> list[aws_cloudwatch.IWidget]:
    """Return graphs of executions, functions and messages, for a dashboard."""
    functions = {id: step.function for id, step in steps.items()}
    return [
        graph("Videos", metrics=execution_counts(machine.state_machine)),
        graph_by_function(
            "Duration",
            functions,
            metric=lambda function, name: function.metric_duration(statistic="p99", label=name),
        ),
        graph("Not started", metrics=messages_by_queue([machine.dead_letters])),
    ]
