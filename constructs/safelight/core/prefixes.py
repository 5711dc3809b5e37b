"""Prefixes of keys."""

import re

_PREFIX = re.compile(r"(?:[A-Za-z0-9!_.()-]+/)+")


def validate_prefix(argument: str, prefix: str) -> None:
    """Validate that a prefix separates keys, and that policies and state machines can hold it.

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


def overlap(one: str, other: str) -> bool:
    """Return whether a key can have both prefixes."""
    return one.startswith(other) or other.startswith(one)
