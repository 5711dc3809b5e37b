"""Queues of what could not be delivered or handled."""

from aws_cdk import Duration, RemovalPolicy, aws_sqs
from constructs import Construct

KEPT = Duration.days(14)
"""How long a message stays, the longest that SQS offers ("Amazon SQS message quotas")."""


def dead_letter_queue(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_sqs.Queue:
    """Make an encrypted queue, over TLS only, that keeps messages for 14 days."""
    return aws_sqs.Queue(
        scope,
        id,
        encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=KEPT,
        removal_policy=removal_policy,
    )
