"""The queue of uploads that wait for the function of a redaction."""

from aws_cdk import Duration, RemovalPolicy, aws_kms, aws_lambda, aws_s3, aws_sqs
from constructs import Construct

from safelight.core.buckets import enable_event_bridge
from safelight.core.events import make_rules, object_events
from safelight.core.queues import Batches, QueueTarget, feed_function

ATTEMPTS = 9
"""How often an upload is tried, 10 seconds to 15 minutes apart: an hour in all.

An attempt that kills the function is repeated after the visibility timeout, which is six times the function's.
"""

_CHANGES = ("Object Created", "Object Deleted")


def watch_uploads(
    scope: Construct,
    *,
    function: aws_lambda.Function,
    source: aws_s3.IBucket,
    source_prefix: str,
    max_concurrency: int,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Invoke a function for every object that is created, replaced or deleted, one at a time.

    Returns
    -------
    tuple of Queue
        The queue, and the dead-letter queue of the events that the function could not handle.
    """
    queue, dead_letters = feed_function(
        scope,
        "Uploads",
        function=function,
        delay=Duration.seconds(0),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
        # The last delivery announces that all attempts failed. A batch of one: an image can take minutes.
        batches=Batches(size=1, max_concurrency=max_concurrency, max_receives=ATTEMPTS + 1),
    )
    enable_event_bridge(scope, source, otherwise="no object is redacted")
    make_rules(
        scope,
        "Changed",
        description="Notifies the redaction service of every upload that is created, replaced or deleted",
        event_patterns=[
            pattern
            for change in _CHANGES
            for pattern in object_events(change, bucket=source, key_prefix=source_prefix, key_suffixes=())
        ],
        target=QueueTarget(queue, dead_letters=dead_letters),
    )
    return queue, dead_letters
