"""The parts of the keys of uploads and renditions, and their limits.

upload      {prefix}{placeId}/{rest}
rendition   {prefix}{upload key}/{attempt}/{name}.{ext}
"""

from hashlib import sha256

MAX_KEY_BYTES = 1024
"""The limit of S3 for a key, and of DynamoDB for a sort key, in UTF-8."""

MAX_UPLOAD_KEY_BYTES = 900
"""Longer keys, in UTF-8, leave no room for the keys of renditions and sort keys."""

ATTEMPT_DIGITS = 32
"""Hexadecimal digits of an attempt."""


NULL_VERSION = "null"
"""The version that S3 gives to an object that was written while versioning was off or suspended."""


def place_id(key: str, *, prefix: str) -> str:
    """Return the id of the place that an upload belongs to: its key's first segment after the prefix.

    The id of an upload directly under the prefix is its name. The id is empty if a slash follows the prefix.

    Parameters
    ----------
    key
        The upload's key.
    prefix
        The prefix of the keys of all uploads of the workflow. May be empty.
    """
    return key.removeprefix(prefix).partition("/")[0]


def parse_version_id(given: str | None) -> str | None:
    """Read a version id. `null`, the version of objects while versioning is off or suspended, becomes None.

    Such an object can be overwritten.
    """
    return None if given == NULL_VERSION else given


def attempt_of(execution: str, *, redrives: int) -> str:
    """Return the name of an attempt. It cannot be guessed, and a retry of the same step gets the same name.

    Parameters
    ----------
    execution
        The execution's ARN.
    redrives
        How often the execution was redriven.
    """
    return sha256(f"{execution}#{redrives}".encode()).hexdigest()[:ATTEMPT_DIGITS]
