"""Bounds on what a step says of an image, whatever its settings are and whatever a service has answered.

All answers of a route's checks travel together in a state's 256 KB and are kept in one record of 400 KB.
"""

from collections.abc import Mapping

MAX_ENTRIES = 25
"""The most entries of a list or of an object."""

MAX_TEXT = 100
"""The most characters of a text. One that is longer ends in an ellipsis."""

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def bounded(value: object) -> object:
    """Cut what is too long out of a detail.

    Parameters
    ----------
    value
        What JSON can hold. The first entries of a list or an object are kept, and the first characters of a text.
    """
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + _ELLIPSIS
    if isinstance(value, Mapping):
        return {key: bounded(value[key]) for key in list(value)[:MAX_ENTRIES]}
    if isinstance(value, list | tuple):
        return [bounded(entry) for entry in value[:MAX_ENTRIES]]
    return value


def bounded_detail(detail: Mapping[str, object]) -> dict[str, object]:
    """Cut what is too long out of the facts beside a reason.

    Parameters
    ----------
    detail
        By names, of which there are few.
    """
    return {name: bounded(value) for name, value in detail.items()}
