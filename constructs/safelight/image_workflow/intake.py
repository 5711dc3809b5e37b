"""What workflows take, publish and record: buckets, prefixes and tables that contradict one another are errors."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aws_cdk import Annotations
from constructs import Construct

from safelight.core.identity import same_bucket, same_table
from safelight.core.prefixes import overlap
from safelight.core.publishers import Publisher, publishers_of_app, register_publisher

_SUFFIX = re.compile(r"[A-Za-z0-9!_.()-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Traffic(Publisher):
    """What a workflow takes, publishes and records.

    Parameters
    ----------
    key_suffixes
        The keys of uploads end with one of these. Empty: every key does.
    """

    key_suffixes: tuple[str, ...]

    @property
    def prefix_of_renditions(self) -> str:
        """What the keys of its renditions begin with."""
        return f"{self.published_prefix}{self.key_prefix}"


def validate_suffixes(scope: Construct, key_suffixes: Iterable[str] | None) -> tuple[str, ...]:
    """Return suffixes. Without suffixes, every key matches. A warning names each that has no dot.

    Raises
    ------
    ValueError
        If there are none, or one is there twice, or has characters that a rule's pattern cannot hold.
    """
    if key_suffixes is None:
        return ()
    suffixes = tuple(key_suffixes)
    if not suffixes:
        raise ValueError("key_suffixes is empty, so no upload would start the workflow. Add one, or omit it.")
    for suffix in suffixes:
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(
                f"key_suffixes has {suffix!r}. A suffix must be like '.jpg': 1 to 64 letters, digits and ! _ . ( ) -."
            )
    repeated = next((it for it, count in Counter(suffixes).items() if count > 1), None)
    if repeated is not None:
        raise ValueError(f"key_suffixes has {repeated!r} twice. Remove one.")
    without_dot = [it for it in suffixes if "." not in it]
    if without_dot:
        Annotations.of(scope).add_warning_v2(
            "safelight:suffix-without-dot",
            f"key_suffixes has {', '.join(map(repr, without_dot))} without a dot. 'jpg' also matches 'photo-of-a-jpg': "
            "use '.jpg' for the files of a type.",
        )
    return suffixes


def _validate_no_loop(workflow: Traffic) -> None:
    """Validate that renditions do not start the workflow again.

    Raises
    ------
    ValueError
        If a rendition's key would match the prefix of uploads in the same bucket.
    """
    if _publishes_into(workflow, workflow):
        raise ValueError(
            f"{workflow.path}: published_bucket is upload_bucket, and a rendition under "
            f"published_prefix={workflow.published_prefix!r} would start the workflow again in an endless loop, "
            f"because key_prefix={workflow.key_prefix!r} matches it. Omit published_bucket, or use prefixes that do "
            "not overlap, such as key_prefix='incoming/' and published_prefix='published/'."
        )


def register_traffic(scope: Construct, workflow: Traffic) -> None:
    """Register a workflow in its app, if it interferes neither with itself nor with those that are there already.

    Raises
    ------
    ValueError
        If a rendition would be an upload, an upload would start two workflows, or two workflows would write the same
        records.
    """
    _validate_no_loop(workflow)
    for other in publishers_of_app(scope):
        if not isinstance(other, Traffic):
            continue
        _validate_uploads(workflow, other)
        _validate_renditions(workflow, other)
        _validate_renditions(other, workflow)
        _validate_records(workflow, other)
    register_publisher(scope, workflow)


def _validate_uploads(workflow: Traffic, other: Traffic) -> None:
    if (
        overlap(workflow.key_prefix, other.key_prefix)
        and can_share_keys(workflow.key_suffixes, other.key_suffixes)
        and same_bucket(workflow.upload_bucket, other.upload_bucket)
    ):
        shared = max(workflow.key_prefix, other.key_prefix, key=len)
        raise ValueError(
            f"{workflow.path} and {other.path} would both process uploads under {shared!r} of one bucket, but an "
            "upload can have only one outcome. Give each workflow its own upload_bucket, or use key_prefix or "
            "key_suffixes values that do not overlap."
        )


def _validate_renditions(publisher: Traffic, taker: Traffic) -> None:
    if _publishes_into(publisher, taker):
        raise ValueError(
            f"{publisher.path} would publish renditions under {publisher.prefix_of_renditions!r} of the bucket in "
            f"which {taker.path} takes uploads under {taker.key_prefix!r}. {taker.path} would start for each "
            f"rendition, and reject it. Give {publisher.path} its own published_bucket, or use prefixes that do not "
            "overlap."
        )


def _validate_records(workflow: Traffic, other: Traffic) -> None:
    if workflow.workflow_id == other.workflow_id and same_table(workflow.records, other.records):
        raise ValueError(
            f"{workflow.path} and {other.path} have the same id {workflow.workflow_id!r}, because their stacks have "
            "the same name, and they would overwrite each other's records in one table. Give each its own records, or "
            "give their stacks different names."
        )


def _publishes_into(publisher: Traffic, taker: Traffic) -> bool:
    # A rendition's key is published_prefix and the upload's key, which starts with key_prefix.
    return overlap(publisher.prefix_of_renditions, taker.key_prefix) and same_bucket(
        publisher.published_bucket, taker.upload_bucket
    )


def can_share_keys(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether a key can end with one of two workflows' suffixes each. Without suffixes, every key matches."""
    if not one or not other:
        return True
    return any(mine.endswith(theirs) or theirs.endswith(mine) for mine in one for theirs in other)
