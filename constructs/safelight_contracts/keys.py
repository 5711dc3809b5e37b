"""The parts of a rendition's key, ``{prefix}{upload key}/{attempt}/{name}.{ext}``, and their limits."""

from hashlib import sha256

MAX_KEY_BYTES = 1024
"""The limit of S3 for a key, and of DynamoDB for a sort key, in UTF-8."""

MAX_UPLOAD_KEY_BYTES = 900
"""Longer keys, in UTF-8, leave no room for the keys of renditions and sort keys."""

ATTEMPT_DIGITS = 32
"""Hexadecimal digits of an attempt."""


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
