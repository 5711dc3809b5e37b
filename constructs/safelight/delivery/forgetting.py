"""What makes a delivery forget the results of a source that has changed: rules, a queue and a function."""

from dataclasses import replace

from aws_cdk import Duration, RemovalPolicy, aws_cloudfront, aws_kms, aws_sqs
from constructs import Construct

from safelight.core.function import Step
from safelight.core.permissions import allow
from safelight.core.queues import Batches, QueueTarget, feed_function
from safelight.delivery.published import make_outcome_rule
from safelight.delivery.settings import StepSettings
from safelight.delivery.sources import make_source_rules
from safelight_contracts.delivery.settings import DISTRIBUTION_VARIABLE

# CloudFront has few invalidations in progress at once ("Quotas on invalidations" in its guide), and each batch is one.
# Deleting takes up to a second for a source, and the function has 60. Two is the minimum of SQS.
_BATCHES = Batches(size=30, window=Duration.seconds(5), max_concurrency=2)


def forget_on_change(
    scope: Construct,
    *,
    step: Step,
    settings: StepSettings,
    encryption_key: aws_kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Run the function for every source that is created, replaced, deleted, published or withdrawn.

    Returns
    -------
    tuple of Queue
        Its queue, and the dead-letter queue of the events that it could not handle.
    """
    queue, dead_letters = forget_queue(scope, step=step, encryption_key=encryption_key, removal_policy=removal_policy)
    target, sources = QueueTarget(queue), settings.sources
    if settings.published:
        # Events of S3 name renditions there, and URLs name uploads.
        sources = sources[1:]
        make_outcome_rule(scope, "Outcome", published=settings.published, target=target)
    make_source_rules(scope, "Changed", sources=sources, key_prefix=settings.key_prefix, target=target)
    return queue, dead_letters


def forget_queue(
    scope: Construct, *, step: Step, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> tuple[aws_sqs.Queue, aws_sqs.Queue]:
    """Make the queue of the function that forgets, and the dead-letter queue of what it could not handle."""
    return feed_function(
        scope,
        "Forget",
        function=step.function,
        delay=Duration.seconds(0),
        encryption_key=encryption_key,
        removal_policy=removal_policy,
        batches=_BATCHES,
    )


def reporting_to(queue: aws_sqs.Queue, *, settings: StepSettings) -> StepSettings:
    """Return the settings of a function that reports stale results, which CloudFront may have cached."""
    return replace(settings, forget_queue=queue, delivery=replace(settings.delivery, forget_queue=queue.queue_url))


def forget_at_the_edge(step: Step, *, distribution: aws_cloudfront.Distribution) -> None:
    """Let the function invalidate what the distribution has cached."""
    step.function.add_environment(DISTRIBUTION_VARIABLE, distribution.distribution_id)
    allow(step.role, "cloudfront:CreateInvalidation", on=distribution.distribution_arn)
