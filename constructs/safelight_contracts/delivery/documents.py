"""JSON documents in URLs: base64, and one canonical text for each document."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

MAX_DOCUMENT = 4_096
"""Characters of a document in base64. It bounds the time of the edge function, which has 1 ms."""

_MAX_DEPTH = 8
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Within these, JavaScript and Python write a number in the same way, without an exponent.
_LEAST, _MOST = 1e-4, 1e9
_URL_SAFE = str.maketrans("-_", "+/")


def parse_document(text: str) -> Mapping[str, Any]:
    """Parse base64 of a JSON object.

    Parameters
    ----------
    text
        URL-safe base64 or not, padded or not.

    Raises
    ------
    RequestRefusedError
        `URL_TOO_LONG`. `BAD_DOCUMENT` if it is not base64, UTF-8 or a JSON object, if it is nested more than 8 deep, or
        if a name or a number cannot be part of a request.
    """
    if len(text) > MAX_DOCUMENT:
        raise RequestRefusedError(Refusal.URL_TOO_LONG, f"The base64 has more than {MAX_DOCUMENT} characters.")
    standard = text.translate(_URL_SAFE).rstrip("=")
    try:
        data = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        # Unused bits are zero, so that a document has one encoding.
        if base64.b64encode(data).decode().rstrip("=") != standard:
            raise _damaged("The base64 has bits that it does not use.")
        document = json.loads(data.decode(), parse_constant=_refuse_constant)
    except (binascii.Error, UnicodeDecodeError, RecursionError, ValueError):
        raise _damaged("Send base64 of a JSON object in UTF-8.") from None
    if not isinstance(document, dict):
        raise _damaged("Send base64 of a JSON object in UTF-8.")
    canonical_json(document)
    return document


def canonical_json(value: object) -> str:
    """Write a JSON value in the one way that the edge function writes it too: names sorted, no white space."""
    return _written(value, depth=0)


def _written(value: object, *, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise _damaged(f"The JSON is nested more than {_MAX_DEPTH} deep.")
    match value:
        case None | bool():
            return json.dumps(value)
        case int() | float():
            return _number(value)
        case str():
            return _string(value)
        case list():
            return f"[{','.join(_written(item, depth=depth + 1) for item in value)}]"
        case dict():
            members = (f"{_name(name)}:{_written(value[name], depth=depth + 1)}" for name in sorted(value))
            return f"{{{','.join(members)}}}"
    raise TypeError(f"{type(value)} is not JSON")


def _number(value: float) -> str:
    if value == 0:
        return "0"
    if not _LEAST <= abs(value) < _MOST:
        raise _damaged("A number must be 0, or 0.0001 to 999999999, negative or not.")
    return str(int(value)) if value == int(value) else repr(float(value))


def _string(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _damaged("A string has half of a surrogate pair.") from None
    return json.dumps(value, ensure_ascii=False)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _damaged("A name in the JSON must be 1 to 64 letters, digits, - or _.")
    return f'"{name}"'


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _damaged(message: str) -> RequestRefusedError:
    return RequestRefusedError(Refusal.BAD_DOCUMENT, message)
