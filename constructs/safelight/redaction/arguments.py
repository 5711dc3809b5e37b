"""The arguments of redactions: what contradicts something, and the way out."""

from collections.abc import Mapping
from dataclasses import replace

from aws_cdk import aws_events, aws_s3
from constructs import Construct

from safelight.core.identity import bucket_label, location, same_bucket, stack_location
from safelight.core.platform import Architecture, Platform
from safelight.core.prefixes import validate_prefix
from safelight_contracts.detectors import Detector
from safelight_contracts.redaction.redact import Redact

# The lowest quota of DetectFaces, DetectText and DetectLabels of all regions, and the highest default
# ("Amazon Rekognition endpoints and quotas").
_DEFAULT_CALLS, _MOST_CALLS = 5, 50


def validate_calls(calls_per_second: int | None, *, redact: Redact) -> int:
    """Return the most calls of Rekognition per second.

    Raises
    ------
    ValueError
        If it is not 1 to 50, or Rekognition is not called.
    """
    if calls_per_second is None:
        return _DEFAULT_CALLS
    if redact.detector is Detector.OPENCV:
        raise ValueError(
            "calls_per_second is for calls of Rekognition, and redact has detector=Detector.OPENCV, which makes none. "
            "Omit calls_per_second."
        )
    if not 1 <= calls_per_second <= _MOST_CALLS:
        raise ValueError(
            f"calls_per_second={calls_per_second} must be 1 to {_MOST_CALLS}. Use at most the quotas of DetectFaces, "
            "DetectText and DetectLabels in your region, which Service Quotas shows, less what else calls them."
        )
    return calls_per_second


def validate_platform(platform: Platform, *, redact: Redact) -> None:
    """Validate that the function's layers fit into Lambda. The emulator has no limit.

    Raises
    ------
    ValueError
        If they do not.
    """
    too_large = platform.architecture is Architecture.X86_64 and platform.interpreter is None
    if redact.detector is Detector.OPENCV and too_large:
        raise ValueError(
            "redact has detector=Detector.OPENCV, whose layers for x86_64 take 293 million bytes, and Lambda unpacks "
            "262 million. Use platform=Platform(architecture=Architecture.ARM64), or Detector.REKOGNITION."
        )


def validate_places(
    scope: Construct,
    *,
    source: aws_s3.IBucket,
    source_prefix: str,
    targets: Mapping[str, tuple[aws_s3.IBucket, str]],
) -> None:
    """Validate that a redaction can get the events of its source, and that nothing that it writes is an upload.

    Parameters
    ----------
    targets
        Where it writes: the bucket and the prefix, by the name of the argument.

    Raises
    ------
    ValueError
        If a prefix is malformed, a bucket is elsewhere, or a copy would be redacted again.
    """
    validate_prefix("source_prefix", source_prefix)
    here = stack_location(scope)
    if not location(source).can_equal(here):
        raise ValueError(
            f"{scope.node.path}: source {source.node.path} is in {location(source)}, and the redaction in {here}. S3 "
            "sends a bucket's events only to the account and region of the bucket, so nothing would be redacted. Put "
            "the redaction into a stack of that account and region."
        )
    for name, (bucket, prefix) in targets.items():
        validate_prefix(f"{name}_prefix", prefix)
        there = location(bucket)
        if not replace(there, account=here.account).can_equal(here):
            raise ValueError(
                f"{scope.node.path}: {name} {bucket.node.path} is in region {there.region}, and the redaction in "
                f"{here.region}. Use a bucket of this region, and replicate it to the other."
            )
        overlap = source_prefix.startswith(prefix) or prefix.startswith(source_prefix)
        if same_bucket(source, bucket) and overlap:
            raise ValueError(
                f"{scope.node.path}: {name} is source, {bucket_label(source)}, and source_prefix={source_prefix!r} "
                f"and {name}_prefix={prefix!r} overlap. Copies would be redacted again in an endless loop, or "
                "overwrite their uploads. Use another bucket, or prefixes that do not overlap, such as "
                f"source_prefix='incoming/' and {name}_prefix='redacted/'."
            )


def validate_bus(scope: Construct, *, event_bus: aws_events.IEventBus) -> None:
    """Validate that the bus is in the region of the redaction.

    Raises
    ------
    ValueError
        If it is in another region.
    """
    here, bus = stack_location(scope), location(event_bus)
    if not replace(bus, account=here.account).can_equal(here):
        raise ValueError(
            f"{scope.node.path}: event_bus {event_bus.node.path} is in region {bus.region}, and the redaction in "
            f"{here.region}. EventBridge refuses events for a bus of another region. Use a bus of this region, and "
            "forward its events with a rule."
        )
