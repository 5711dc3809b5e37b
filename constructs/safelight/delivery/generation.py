"""The generation of a delivery: no result of another generation is found."""

import json
from collections.abc import Sequence
from hashlib import sha256

from aws_cdk import Stack, aws_s3

from safelight.core.identity import bucket_identity, table_identity
from safelight.delivery.published import Published
from safelight_contracts.delivery.settings import DeliverySettings


def generation_of(settings: DeliverySettings, *, sources: Sequence[aws_s3.IBucket], published: Published | None) -> str:
    """Return a short text that changes with what a delivery permits, what its URLs mean, and where its images are from.

    CloudFront does not ask whether an object still is a source. So results of what no longer is one must not be found.

    Parameters
    ----------
    sources
        The buckets of the settings, whose names can be unknown at synth.
    published
        The records of the settings. ``None`` without a workflow.
    """
    meaning = (
        {name: dict(parameters) for name, parameters in settings.presets.items()},
        settings.sizes,
        settings.dialect,
        settings.signing,
        settings.is_open,
        # Without CloudFront, nothing says which sources have results.
        settings.has_edge,
        [(bucket_identity(bucket), it.prefix) for bucket, it in zip(sources, settings.sources, strict=True)],
        published and _identity(published),
    )
    return sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:8]


def _identity(published: Published) -> tuple[object, ...]:
    workflow = Stack.of(published.records).resolve(published.workflow_id)
    return (table_identity(published.records), workflow, published.rendition)
