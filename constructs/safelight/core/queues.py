"""SQS queues: those that feed a function, and dead-letter queues."""

from dataclasses import dataclass

import jsii
from aws_cdk import Duration, RemovalPolicy, aws_events, aws_iam, aws_kms, aws_lambda, aws_sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from aws_cdk.interfaces.aws_events import IRuleRef
from constructs import Construct

from safelight.core.service_principals import only_for

# The maximum of SQS ("Amazon SQS message quotas").
_RETENTION = Duration.days(14)
# "Configuring a queue to use with Lambda" in Lambda's developer guide: six times the function's timeout.
_VISIBILITY_FACTOR = 6


@dataclass(frozen=True, kw_only=True)
class Batches:
    """How a function gets the messages of a queue.

    Parameters
    ----------
    size
        Most messages of an invocation. More than 10 need a window.
    window
        How long Lambda collects messages before it invokes the function. Default: not at all.
    max_concurrency
        Most invocations at once, at least 2. Default: as many as Lambda starts.
    max_receives
        How often a message is delivered before it is a dead letter. Default: 20.
    """

    size: int = 10
    window: Duration | None = None
    max_concurrency: int | None = None
    max_receives: int = 20


DEFAULT_BATCHES = Batches()
"""Ten messages at a time, at once."""


def dead_letter_queue(
    scope: Construct, id: str, *, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_sqs.Queue:
    """Make an encrypted queue, over TLS only, that keeps messages for 14 days."""
    return aws_sqs.Queue(
        scope,
        id,
        encryption=_encryption(encryption_key),
        encryption_master_key=encryption_key,
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
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
    batches: Batches = DEFAULT_BATCHES,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Make a queue whose messages a function handles. A message that fails is tried again.

    Returns
    -------
    tuple of Queue
        The queue, and the dead-letter queue of the messages that the function could not handle.
    """
    dead_letters = dead_letter_queue(
        scope, f"{id}DeadLetters", encryption_key=encryption_key, removal_policy=removal_policy
    )
    timeout = function.timeout
    assert timeout is not None  # noqa: S101 - every step has one
    queue = aws_sqs.Queue(
        scope,
        f"{id}Queue",
        encryption=_encryption(encryption_key),
        encryption_master_key=encryption_key,
        enforce_ssl=True,
        delivery_delay=delay,
        visibility_timeout=Duration.seconds(_VISIBILITY_FACTOR * timeout.to_seconds()),
        retention_period=_RETENTION,
        dead_letter_queue=aws_sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=batches.max_receives),
        removal_policy=RemovalPolicy.DESTROY,
    )
    function.add_event_source(
        SqsEventSource(
            queue,
            batch_size=batches.size,
            max_batching_window=batches.window,
            max_concurrency=batches.max_concurrency,
            report_batch_item_failures=True,
        )
    )
    return queue, dead_letters


@jsii.implements(aws_events.IRuleTarget)
class QueueTarget:
    """A queue as the target of a rule, which alone may send to it.

    The CDK's target would let every rule of every account send to a queue with a customer's key, and would add each
    rule to the key's policy. `encryption.allow_services` allows EventBridge to use the key.

    Parameters
    ----------
    queue
        The queue.
    message
        What the queue receives. Default: the event.
    dead_letters
        Receives the events that EventBridge could not deliver. Default: they are dropped.
    """

    def __init__(
        self,
        queue: aws_sqs.Queue,
        *,
        message: aws_events.RuleTargetInput | None = None,
        dead_letters: aws_sqs.Queue | None = None,
    ) -> None:
        self._queue = queue
        self._message = message
        self._dead_letters = dead_letters

    def bind(self, rule: IRuleRef, id: str | None = None) -> aws_events.RuleTargetConfig:  # noqa: ARG002
        """Return the target, and allow the rule to send to the queue. The CDK calls this."""
        _allow_sending(self._queue, rule=rule)
        if self._dead_letters is not None:
            _allow_sending(self._dead_letters, rule=rule)
        return aws_events.RuleTargetConfig(
            arn=self._queue.queue_arn,
            input=self._message,
            target_resource=self._queue,
            dead_letter_config=None
            if self._dead_letters is None
            else aws_events.CfnRule.DeadLetterConfigProperty(arn=self._dead_letters.queue_arn),
        )


def _allow_sending(queue: aws_sqs.Queue, *, rule: IRuleRef) -> None:
    queue.add_to_resource_policy(
        aws_iam.PolicyStatement(
            principals=[aws_iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions=only_for(queue, source_arn=rule.rule_ref.rule_arn),
        )
    )


def _encryption(key: aws_kms.IKey | None) -> aws_sqs.QueueEncryption:
    return aws_sqs.QueueEncryption.KMS if key else aws_sqs.QueueEncryption.SQS_MANAGED
