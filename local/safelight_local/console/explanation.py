"""The detail of a check or of an error, in words."""

import json
import re
from collections.abc import Mapping

from safelight_local.aws.records import json_object

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BOXES = "boxes"
# An error has a cause in a record, and a message where AWS Lambda reports it.
_CAUSES = ("cause", "errorMessage")


def in_words(detail: object) -> str:
    """Write the detail of a check or of an error as a line of text.

    Parameters
    ----------
    detail : object
        Values as JSON has them: the detail of a verdict, an error with its cause, or text, which may be JSON itself.

    Returns
    -------
    str
        ``people: 1, decided by: OPENCV`` for example. A cause stands for the whole of its error. Boxes are left out:
        they are drawn on the picture. Values that are empty are left out too.
    """
    if isinstance(detail, str):
        return in_words(read) if (read := json_object(detail)) else detail
    if not isinstance(detail, Mapping):
        return _value(detail)
    cause = next((detail[name] for name in _CAUSES if isinstance(detail.get(name), str)), "")
    if cause:
        return in_words(cause)
    shown = {_name(str(name)): _value(value) for name, value in detail.items() if name != _BOXES}
    return ", ".join(f"{name}: {value}" for name, value in shown.items() if value)


def _name(name: str) -> str:
    return _CAPITAL.sub(" ", name).replace("_", " ").lower()


def _value(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            return ", ".join(filter(None, map(_value, value)))
        case Mapping():
            return _entry(value)
        case _:
            return json.dumps(value)


def _entry(value: Mapping[str, object]) -> str:
    folded = {str(name).casefold(): item for name, item in value.items()}
    name, confidence = folded.get("name"), folded.get("confidence")
    if isinstance(name, str):
        return f"{name} ({confidence:.0f} %)" if isinstance(confidence, int | float) else name
    return f"({inside})" if (inside := in_words(value)) else ""
