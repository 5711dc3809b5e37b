"""Which uploads a workflow takes: prefixes and buckets that contradict one another are errors."""

import re
from collections.abc import Iterable, Sequence

from aws_cdk import aws_s3
from constructs import Construct

from safelight.core.buckets import same_bucket

_SUFFIX = re.compile(r"[A-Za-z0-9!_.()-]{1,64}")
_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.()-]+/)+")


def validate_prefix(argument: str, prefix: str) -> None:
    """Validate that a prefix separates keys, and that a state machine's definition can hold it.

    Raises
    ------
    ValueError
        If it does not end with a slash, starts with one, or has characters other than S3's safe ones.
    """
    if prefix and not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{argument}={prefix!r} must be like 'incoming/' or 'site/incoming/'. It must end with a slash, must not "
            "start with a slash, and can only have letters, digits and ! _ . ( ) -."
        )


def validate_suffixes(key_suffixes: Iterable[str] | None) -> tuple[str, ...]:
    """Return suffixes, each once. Without suffixes, every key matches.

    Raises
    ------
    ValueError
        If there are none, or one has characters that a rule's pattern cannot hold.
    """
    if key_suffixes is None:
        return ()
    suffixes = tuple(dict.fromkeys(key_suffixes))
    if not suffixes:
        raise ValueError("key_suffixes is empty, so no upload would start the workflow. Add one, or omit it.")
    for suffix in suffixes:
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(
                f"key_suffixes has {suffix!r}. A suffix must be like '.jpg': 1 to 64 letters, digits and ! _ . ( ) -."
            )
    return suffixes


def can_share_keys(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether a key can end with one of two workflows' suffixes each. Without suffixes, every key matches."""
    if not one or not other:
        return True
    return any(mine.endswith(theirs) or theirs.endswith(mine) for mine in one for theirs in other)


def validate_no_loop(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    key_prefix: str,
    published_bucket: aws_s3.IBucket,
    published_prefix: str,
) -> None:
    """Validate that renditions do not start the workflow again.

    Raises
    ------
    ValueError
        If a rendition's key would match the prefix of uploads in the same bucket.
    """
    if not same_bucket(scope, upload_bucket, published_bucket):
        return
    # A rendition's key is published_prefix and the upload's key, which starts with key_prefix.
    if not f"{published_prefix}{key_prefix}".startswith(key_prefix):
        return
    raise ValueError(
        f"{scope.node.path}: published_bucket is upload_bucket, and a rendition under "
        f"published_prefix={published_prefix!r} would start the workflow again in an endless loop, because "
        f"key_prefix={key_prefix!r} matches it. Omit published_bucket, or use prefixes that do not overlap, such as "
        "key_prefix='incoming/' and published_prefix='published/'."
    )


def validate_separate_uploads(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    key_prefix: str,
    others: Iterable[tuple[str, aws_s3.IBucket, str]],
) -> None:
    """Validate that no upload starts two workflows of the app.

    Parameters
    ----------
    others
        Path, upload bucket and key prefix of each.

    Raises
    ------
    ValueError
        If one upload would have two outcomes.
    """
    for path, bucket, prefix in others:
        if same_bucket(scope, upload_bucket, bucket) and (
            key_prefix.startswith(prefix) or prefix.startswith(key_prefix)
        ):
            shared = max(key_prefix, prefix, key=len)
            raise ValueError(
                f"{scope.node.path} and {path} would both process uploads under {shared!r} of one bucket, but an "
                "upload can have only one outcome. Give each workflow its own upload_bucket, or use key_prefix values "
                "that do not overlap."
            )
