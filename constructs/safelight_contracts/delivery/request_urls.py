"""Split the URL of a request for an image: the form, the bucket, the key, and what is asked for, not what it means.

The edge function (``lambdas/delivery/edge``) does the same in JavaScript. Both give every URL the same canonical form,
in which each character is encoded in one way, parameters are sorted as canonical texts and nothing is repeated.

The form is found by these rules, in this order:

1. JSON, if the path is base64 (URL-safe or not) of a document that begins with ``{`` and a quote or white space. A
   signature can begin in the same way, so what has a slash after 43 characters must be a valid document.
2. thumbor, if the path begins with ``unsafe``, with a signature, or with a size, a crop, ``fit-in`` or ``filters:``.
3. Otherwise the path is a key, and the query says what is asked for.

A key that looks like one of the first two can be asked for by a JSON document.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from safelight_contracts.delivery.documents import canonical_json, parse_document
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

MAX_URL = 6_500
"""Bytes of a path with its query, as the viewer sent it and in its canonical form.

CloudFront takes 8,192, but sends the canonical form to S3 in a header. S3 refuses a request whose headers have more
than 8,192 bytes, in XML: ``RequestHeaderSectionTooLarge``. CloudFront adds its own headers and a signature.
"""

MAX_KEY = 1_024
"""Bytes of a key: S3's limit."""

MAX_PARAMETERS = 32
"""Parameters of a query. It bounds the time of the edge function, which has 1 ms."""

MAX_SEGMENTS = 600
"""Segments of a path. It bounds the time of the edge function. The longest key has 512, and filters some more."""

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""``kid``: the id of a key that signs."""

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PRINTABLE = re.compile(r"[!-~]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_JSON = re.compile(r"(?:eyJ|eyA|ewo|ew0|ewk)[A-Za-z0-9+/_-]{12,}={0,2}")
_MAC = re.compile(r"[A-Za-z0-9_-]{43}")
_BEGINS_LIKE_SIGNED = re.compile(rf"{_MAC.pattern}/")
_BUCKET = re.compile(r"s3:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
# Parameters of every form, which are no operations.
_RESERVED = {
    "expires": re.compile(r"[0-9]{1,12}"),
    "kid": KEY_ID,
    "signature": _MAC,
    "v": re.compile(r"[A-Za-z0-9._-]{1,64}"),
}

_UNSAFE = "unsafe"
_NO_NAMES = ("", ".", "..")

_SIDE = r"-?(?:[0-9]+|orig)"
_FILTERS = "filters:"
# What may stand before the key, in this order.
_STAGES = (
    re.compile(r"trim(?::(?:top-left|bottom-right))?(?::[0-9]+)?"),
    re.compile(r"[0-9]+x[0-9]+:[0-9]+x[0-9]+"),
    re.compile(r"(?:adaptive-)?(?:full-)?fit-in"),
    re.compile(rf"{_SIDE}x(?:{_SIDE})?|-?x{_SIDE}"),
    re.compile(r"left|center|right"),
    re.compile(r"top|middle|bottom"),
    re.compile(r"smart"),
    re.compile(rf"{_FILTERS}.*"),
)
# `left/photo.jpg` is a key, unless `unsafe` or a signature comes first.
_STAGES_THAT_BEGIN = tuple(_STAGES[index] for index in (1, 2, 3, 7))


@dataclass(frozen=True, kw_only=True)
class RequestUrl:
    """A URL, split.

    Parameters
    ----------
    form
        The form.
    bucket
        The bucket that it names. ``None`` means the delivery's own source.
    key
        The key of the source.
    segments
        What stands before the key in a thumbor path, in the order of the URL, decoded.
    parameters
        The query without ``v``, ``kid``, ``expires`` and ``signature``, decoded, in the order of the canonical query.
    document
        The JSON document without ``bucket`` and ``key``.
    version
        ``v``: any text that changes when the source does. ``None`` means that the URL is live.
    key_id
        ``kid``: which key signed.
    expires
        Until when the URL is valid, in seconds since 1970.
    signature
        Of the URL, in base64url.
    path, query
        The canonical URL without its signature: what is signed. A path whose first segment was a signature begins with
        ``unsafe``, so that no other form of URL has the same.
    """

    form: Form
    bucket: str | None
    key: str
    segments: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    version: str | None
    key_id: str | None
    expires: int | None
    signature: str | None
    path: str
    query: str

    @property
    def operations(self) -> str:
        """What is asked for, as one canonical text."""
        asked = canonical_json(self.document) if self.form is Form.JSON else "/".join(map(encoded, self.segments))
        return f"{self.form}\n{asked}?{_query(self.parameters)}"

    @property
    def address(self) -> str:
        """The canonical URL with its signature, where the viewer had it."""
        if self.signature is None:
            return f"{self.path}?{self.query}"
        unsafe = f"/{_UNSAFE}/"
        if self.path.startswith(unsafe):
            return f"/{self.signature}/{self.path.removeprefix(unsafe)}?{self.query}"
        return f"{self.path}?{self.query}{'&' if self.query else ''}signature={self.signature}"


def split_url(path: str, query: str) -> RequestUrl:
    """Split a URL.

    Parameters
    ----------
    path
        As the viewer sent it, still encoded, with its first slash.
    query
        As the viewer sent it, still encoded, without a question mark.

    Raises
    ------
    RequestRefusedError
        `URL_TOO_LONG`, `BAD_ENCODING`, `BAD_PATH`, `BAD_DOCUMENT`, `BAD_PARAMETER`, `REPEATED_PARAMETER` or
        `CONTRADICTION`.
    """
    _check_length(f"{path}?{query}")
    pairs = _pairs(query)
    reserved = {name: _matching(value, name=name) for name, value in pairs if name in _RESERVED}
    segments = _segments(path)
    form, mac, operands = _form(segments)
    if mac is not None and "signature" in reserved:
        raise RequestRefusedError(
            Refusal.CONTRADICTION,
            "The URL has a signature twice, or begins with unsafe although it has one.",
            parameter="signature",
        )
    expires = reserved.get("expires")
    operations, document, bucket, key = _target(form, operands)
    url = RequestUrl(
        form=form,
        bucket=valid_bucket(bucket, parameter="bucket"),
        key=valid_key(key, parameter="key"),
        segments=operations,
        parameters=tuple(pair for pair in pairs if pair[0] not in _RESERVED),
        document=document,
        version=reserved.get("v"),
        key_id=reserved.get("kid"),
        expires=None if expires is None else int(expires),
        signature=reserved.get("signature") if mac in (None, _UNSAFE) else mac,
        path="/" + "/".join(map(encoded, operands if mac is None else [_UNSAFE, *operands])),
        query=_query([pair for pair in pairs if pair[0] != "signature"]),
    )
    # Its characters can be encoded where the viewer's were not.
    _check_length(url.address)
    return url


def valid_bucket(bucket: object, *, parameter: str) -> str | None:
    """Return the name of a bucket, or ``None`` if there is none.

    Raises
    ------
    RequestRefusedError
        `BAD_PARAMETER`, which names ``parameter``, if it is not one.
    """
    if bucket is None:
        return None
    if isinstance(bucket, str) and _BUCKET.fullmatch(f"s3:{bucket}"):
        return bucket
    raise RequestRefusedError(Refusal.BAD_PARAMETER, "This is not the name of a bucket.", parameter=parameter)


def valid_key(key: object, *, parameter: str) -> str:
    """Return the key of an object.

    Raises
    ------
    RequestRefusedError
        `BAD_PATH`, which names ``parameter``, if it is not one, or if a part of it is ``.`` or ``..``.
    """
    if not isinstance(key, str) or not key or len(key.encode()) > MAX_KEY or _CONTROL.search(key):
        message = f"Send a key of 1 to {MAX_KEY} bytes without control characters."
        raise RequestRefusedError(Refusal.BAD_PATH, message, parameter=parameter)
    if any(part in (".", "..") for part in key.split("/")):
        raise RequestRefusedError(Refusal.BAD_PATH, "A part of the key is . or ...", parameter=parameter)
    return key


def encoded(text: str) -> str:
    """Encode a segment, a name or a value: letters, digits, ``-``, ``.``, ``_`` and ``~`` stay, all else is escaped."""
    return quote(text, safe="")


def decoded(raw: str) -> str:
    """Decode a part of a URL once.

    Raises
    ------
    RequestRefusedError
        `BAD_ENCODING`.
    """
    if not _PRINTABLE.fullmatch(raw) or _BAD_ESCAPE.search(raw):
        raise _bad_encoding()
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise _bad_encoding() from None
    if _CONTROL.search(text):
        raise _bad_encoding()
    return text


def _check_length(url: str) -> None:
    if len(url) > MAX_URL:
        raise RequestRefusedError(Refusal.URL_TOO_LONG, f"The URL has more than {MAX_URL} bytes.")


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(map(_written, pairs))


def _written(pair: tuple[str, str]) -> str:
    return f"{encoded(pair[0])}={encoded(pair[1])}"


def _bad_encoding() -> RequestRefusedError:
    return RequestRefusedError(
        Refusal.BAD_ENCODING, "Encode the URL as UTF-8 with percent signs. Control characters are not allowed."
    )


def _segments(path: str) -> list[str]:
    split = path.removeprefix("/").split("/")
    if len(split) > MAX_SEGMENTS:
        raise RequestRefusedError(Refusal.URL_TOO_LONG, f"The path has more than {MAX_SEGMENTS} segments.")
    return [decoded(segment) for segment in split]


def _pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values, decoded, in the order of their canonical texts."""
    split = [pair.partition("=") for pair in query.split("&") if pair]
    if any(not name for name, _, _ in split):
        raise RequestRefusedError(Refusal.BAD_ENCODING, "A parameter has no name.")
    if len(split) > MAX_PARAMETERS:
        raise RequestRefusedError(Refusal.URL_TOO_LONG, f"The URL has more than {MAX_PARAMETERS} parameters.")
    pairs = sorted(((decoded(name), decoded(value)) for name, _, value in split), key=_written)
    for (name, _), (following, _) in pairwise(pairs):
        if name == following:
            raise RequestRefusedError(Refusal.REPEATED_PARAMETER, "Send each parameter once.", parameter=name)
    return pairs


def _form(segments: list[str]) -> tuple[Form, str | None, list[str]]:
    """Return the form, ``unsafe`` or the signature if the path begins with one, and the other segments."""
    if _is_document("/".join(segments)):
        return Form.JSON, None, segments
    if any(segment in _NO_NAMES for segment in segments):
        message = "Send /KEY: the path has no key, or a segment that is empty, . or ..."
        raise RequestRefusedError(Refusal.BAD_PATH, message)
    if len(segments) > 1 and (segments[0] == _UNSAFE or _MAC.fullmatch(segments[0])):
        return Form.THUMBOR, segments[0], segments[1:]
    if len(segments) > 1 and any(stage.fullmatch(segments[0]) for stage in _STAGES_THAT_BEGIN):
        return Form.THUMBOR, None, segments
    return Form.QUERY, None, segments


def _is_document(path: str) -> bool:
    if not _JSON.fullmatch(path):
        return False
    if not _BEGINS_LIKE_SIGNED.match(path):
        return True
    try:
        parse_document(path)
    except RequestRefusedError as refused:
        if refused.refusal is Refusal.BAD_DOCUMENT:
            return False
        raise
    return True


def _target(form: Form, segments: list[str]) -> tuple[tuple[str, ...], Mapping[str, Any], object, object]:
    """Return what is asked for, as segments and as a document, the bucket and the key."""
    if form is Form.JSON:
        document = parse_document("/".join(segments))
        asked = {name: value for name, value in document.items() if name not in ("bucket", "key")}
        return (), asked, document.get("bucket"), document.get("key")
    operations, rest = _split_operations(segments) if form is Form.THUMBOR else ((), segments)
    bucket = _BUCKET.fullmatch(rest[0])
    return (operations, {}, bucket[1], "/".join(rest[1:])) if bucket else (operations, {}, None, "/".join(rest))


def _split_operations(segments: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Split a thumbor path into its operations, each at its place, and the bucket and the key. The last is the key."""
    operations, rest = [], segments
    for stage in _STAGES:
        if len(rest) > 1 and stage.fullmatch(rest[0]):
            # An argument of a filter can be a key.
            length = _filters_length(rest) if rest[0].startswith(_FILTERS) else 1
            operations.append("/".join(rest[:length]))
            rest = rest[length:]
    return tuple(operations), rest


def _filters_length(segments: list[str]) -> int:
    for index, segment in enumerate(segments[:-1]):
        if segment.endswith(")"):
            return index + 1
    raise RequestRefusedError(Refusal.BAD_PATH, "The filters do not end with ) and a key.", parameter="filters")


def _matching(value: str, *, name: str) -> str:
    if _RESERVED[name].fullmatch(value):
        return value
    raise RequestRefusedError(Refusal.BAD_PARAMETER, f"The value must match {_RESERVED[name].pattern}", parameter=name)
