"""Limits on the size of a step's answer, whatever the step's settings are and whatever a service answers.

The answers of all checks of a route share the 256 KB of a state and one record of 400 KB.
"""

from collections.abc import Mapping

MAX_ENTRIES = 25
"""The maximum number of entries of a list or an object."""

MAX_TEXT = 100
"""The maximum number of characters of a text. A longer text is cut and ends in an ellipsis."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def bounded(value: object) -> object:
    """Cut the parts of a detail that are too long.

    `value`: Any value that JSON can hold. The first entries of a list or an object are kept, and the first characters
    of a text.
    """
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + _ELLIPSIS
    if isinstance(value, Mapping):
        return {key: bounded(value[key]) for key in list(value)[:MAX_ENTRIES]}
    if isinstance(value, list | tuple):
        return [bounded(entry) for entry in value[:MAX_ENTRIES]]
    return value


def bounded_detail(detail: Mapping[str, object]) -> dict[str, object]:
    """Cut the parts of the facts about a reason that are too long.

    `detail`: the facts by name. There are only a few names.
    """
    return {name: bounded(value) for name, value in detail.items()}
