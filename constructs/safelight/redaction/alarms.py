"""The alarms of a redaction service."""

from aws_cdk import Duration, aws_cloudwatch, aws_sns, aws_sqs
from constructs import Construct

from safelight.core.alarms import PERIOD, SUSTAINED_PERIODS, AlarmDefinition, make_alarms, messages_in
from safelight.core.function import Step

_LATE = Duration.minutes(30)


def make_redaction_alarms(
    scope: Construct,
    *,
    topic: aws_sns.ITopic | None,
    step: Step,
    otherwise: str,
    queue: aws_sqs.Queue,
    dead_letters: aws_sqs.Queue,
) -> list[aws_cloudwatch.Alarm]:
    """Make the alarms. Without a topic, there are none.

    Parameters
    ----------
    otherwise
        What can be done if uploads come faster than they are handled.
    """
    if topic is None:
        return []
    definitions = [
        AlarmDefinition(
            id="DeadLetters",
            metric=messages_in(dead_letters),
            description="An upload could not be redacted in any attempt, or EventBridge could not deliver its event. "
            f"Nothing was written for it. Each message in the queue {dead_letters.queue_name} is the S3 event of one "
            f"upload. See the lines of level ERROR in the log group {step.log_group.log_group_name}, fix the cause, "
            f"then start a redrive of the queue to the custom destination {queue.queue_name}.",
        ),
        AlarmDefinition(
            id="Late",
            metric=queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            threshold=_LATE.to_seconds(),
            description=f"An upload has waited for {_LATE.to_human_string()}. Uploads may come faster than "
            f"they are handled: {otherwise}. Or attempts fail and are repeated: see the lines of level ERROR in the "
            f"log group {step.log_group.log_group_name}.",
        ),
        AlarmDefinition(
            id="Throttles",
            metric=step.function.metric_throttles(period=PERIOD, statistic="Sum"),
            periods=SUSTAINED_PERIODS,
            description=f"Lambda has throttled {step.function.function_name} for 15 minutes, because the concurrency "
            "of the account is used up. Request more concurrent executions in Service Quotas.",
        ),
    ]
    return make_alarms(Construct(scope, "Alarms"), definitions=definitions, topic=topic)
