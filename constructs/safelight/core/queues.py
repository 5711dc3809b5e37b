"""SQS queues: those that feed a function, and dead-letter queues."""

from aws_cdk import Duration, RemovalPolicy, aws_lambda, aws_sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

# The maximum of SQS ("Amazon SQS message quotas").
_RETENTION = Duration.days(14)
# "Configuring a queue to use with Lambda" in Lambda's developer guide: six times the function's timeout.
_VISIBILITY_FACTOR = 6
_MAX_RECEIVES = 20


def dead_letter_queue(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_sqs.Queue:
    """Make an encrypted queue, over TLS only, that keeps messages for 14 days."""
    return aws_sqs.Queue(
        scope,
        id,
        encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=_RETENTION,
        removal_policy=removal_policy,
    )


def feed_function(
    scope: Construct,
    id: str,
    *,
    function: aws_lambda.Function,
    delay: Duration,
    removal_policy: RemovalPolicy,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Make a queue whose messages a function handles. A message that fails is tried again, 20 times in all.

    Returns
    -------
    tuple of Queue
        The queue, and the dead-letter queue of the messages that the function could not handle.
    """
    dead_letters = dead_letter_queue(scope, f"{id}DeadLetters", removal_policy=removal_policy)
    timeout = function.timeout
    assert timeout is not None  # noqa: S101 - every step has one
    queue = aws_sqs.Queue(
        scope,
        f"{id}Queue",
        encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        delivery_delay=delay,
        visibility_timeout=Duration.seconds(_VISIBILITY_FACTOR * timeout.to_seconds()),
        retention_period=_RETENTION,
        dead_letter_queue=aws_sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=_MAX_RECEIVES),
        removal_policy=RemovalPolicy.DESTROY,
    )
    function.add_event_source(SqsEventSource(queue, batch_size=10, report_batch_item_failures=True))
    return queue, dead_letters
