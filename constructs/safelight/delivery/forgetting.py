"""What makes a delivery forget the results of a source that has changed: rules, a queue and a function."""

from collections.abc import Sequence
from dataclasses import replace

from aws_cdk import Duration, RemovalPolicy, aws_cloudfront, aws_kms, aws_s3, aws_sqs
from constructs import Construct

from safelight.core.function import Step
from safelight.core.permissions import allow
from safelight.core.queues import QueueTarget, feed_function
from safelight.delivery.settings import StepSettings
from safelight.delivery.sources import make_source_rules
from safelight_contracts.delivery.settings import DISTRIBUTION_VARIABLE


def forget_on_change(
    scope: Construct,
    *,
    step: Step,
    sources: Sequence[aws_s3.IBucket],
    key_prefix: str,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Run the function for every source that is created, replaced or deleted.

    Returns
    -------
    tuple of Queue
        Its queue, and the dead-letter queue of the events that it could not handle.
    """
    queue, dead_letters = feed_function(
        scope,
        "Forget",
        function=step.function,
        delay=Duration.seconds(0),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    make_source_rules(scope, "Changed", sources=sources, key_prefix=key_prefix, target=QueueTarget(queue))
    return queue, dead_letters


def reporting_to(queue: aws_sqs.Queue, *, settings: StepSettings) -> StepSettings:
    """Return the settings of a function that reports stale results, which CloudFront may have cached."""
    return replace(settings, forget_queue=queue, delivery=replace(settings.delivery, forget_queue=queue.queue_url))


def forget_at_the_edge(step: Step, *, distribution: aws_cloudfront.Distribution) -> None:
    """Let the function invalidate what the distribution has cached."""
    step.function.add_environment(DISTRIBUTION_VARIABLE, distribution.distribution_id)
    allow(step.role, "cloudfront:CreateInvalidation", on=distribution.distribution_arn)
