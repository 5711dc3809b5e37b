"""The generation of a delivery: no result of another generation is found."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256

from aws_cdk import Stack, Token, aws_s3

from safelight.core.identity import bucket_identity, table_identity, unsettled_bucket_name, unsettled_table_name
from safelight.delivery.published import Published
from safelight_contracts.delivery.settings import DeliverySettings


def generation_of(settings: DeliverySettings, *, sources: Sequence[aws_s3.IBucket], published: Published | None) -> str:
    """Return a text that changes with what a delivery permits, what its URLs mean, and where its images are from.

    CloudFront does not ask whether an object still is a source. So results of what no longer is one must not be found.

    It is a hash of 8 digits of what is known at synth. Each name that only a deployment knows follows as it is, after a
    slash: CloudFormation cannot hash it.

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
    settled = sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:8]
    return "/".join([settled, *_unsettled(sources, published=published)])


def _unsettled(sources: Sequence[aws_s3.IBucket], *, published: Published | None) -> Iterator[str]:
    names = [unsettled_bucket_name(bucket) for bucket in sources]
    if published is not None:
        names.append(unsettled_table_name(published.records))
        names += [it for it in (published.workflow_id, published.rendition) if Token.is_unresolved(it)]
    return (name for name in names if name is not None)


def _identity(published: Published) -> tuple[object, ...]:
    resolve = Stack.of(published.records).resolve
    return (table_identity(published.records), resolve(published.workflow_id), resolve(published.rendition))
