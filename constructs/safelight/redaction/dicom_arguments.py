"""The arguments of a de-identification: what contradicts something, and the way out."""

from aws_cdk import aws_s3
from constructs import Construct

from safelight.core.identity import bucket_label, same_bucket
from safelight.core.platform import Architecture, Platform

# The minimum of SQS, and the maximum ("Configuring maximum concurrency for Amazon SQS event sources").
_LEAST_CONCURRENCY, _MOST_CONCURRENCY = 2, 1_000


def validate_concurrency(max_concurrency: int) -> None:
    """Validate how many files are worked on at once.

    Raises
    ------
    ValueError
        If it is not 2 to 1,000.
    """
    if not _LEAST_CONCURRENCY <= max_concurrency <= _MOST_CONCURRENCY:
        raise ValueError(
            f"max_concurrency={max_concurrency} must be {_LEAST_CONCURRENCY} to {_MOST_CONCURRENCY:,}, the limits of "
            "Lambda for a queue."
        )


def validate_room(platform: Platform, *, find_text: bool) -> None:
    """Validate that the function's layers fit into Lambda. The emulator has no limit.

    Raises
    ------
    ValueError
        If they do not.
    """
    if find_text and platform.architecture is Architecture.X86_64 and platform.interpreter is None:
        raise ValueError(
            "find_text=True needs layers that take 273 million bytes for x86_64, and Lambda unpacks 262 million. Use "
            "platform=Platform(architecture=Architecture.ARM64)."
        )


def validate_quarantine(scope: Construct, *, destination: aws_s3.IBucket, quarantine: aws_s3.IBucket) -> None:
    """Validate that who may read released files does not read those that are put aside.

    Raises
    ------
    ValueError
        If both are in one bucket.
    """
    if same_bucket(destination, quarantine):
        raise ValueError(
            f"{scope.node.path}: quarantine is destination, {bucket_label(destination)}. Files that are put aside are "
            "as they were uploaded, and who may read released files would read them. Use another bucket."
        )
