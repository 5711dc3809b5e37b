"""Split the URL of a request for an image: the form, the bucket, the key, and what is asked for, not what it means.

The edge function (``lambdas/delivery/edge``) does the same in JavaScript. Both give every URL the same canonical form,
in which each character is encoded in one way, parameters are sorted and nothing is repeated.

The form is found by these rules, in this order:

1. JSON, if the path is base64 (URL-safe or not) of a document that begins with ``{`` and a quote or white space.
2. thumbor, if the path begins with ``unsafe``, with a signature, or with a size, a crop, ``fit-in`` or ``filters:``.
3. Otherwise the path is a key, and the query says what is asked for.

A key that looks like one of the first two can be asked for by a JSON document.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from safelight_contracts.delivery.documents import canonical_json, parse_document
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

MAX_URL = 8_192
"""Bytes of a path with its query: CloudFront's quota of a URL."""

MAX_KEY = 1_024
"""Bytes of a key: S3's limit."""

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""``kid``: the id of a key that signs."""

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PRINTABLE = re.compile(r"[!-~]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_JSON = re.compile(r"(?:eyJ|eyA|ewo|ew0|ewk)[A-Za-z0-9+/_-]{12,}={0,2}")
_MAC = re.compile(r"[A-Za-z0-9_-]{43}")
_BUCKET = re.compile(r"s3:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EXPIRES = re.compile(r"[0-9]{1,12}")

_UNSAFE = "unsafe"
_RESERVED = ("v", "kid", "expires", "signature")
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
        The query without ``v``, ``kid``, ``expires`` and ``signature``, decoded, sorted by name.
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
    if len(path) + 1 + len(query) > MAX_URL:
        raise RequestRefusedError(Refusal.URL_TOO_LONG, f"The URL has more than {MAX_URL} bytes.")
    segments = [_decoded(segment) for segment in path.removeprefix("/").split("/")]
    given = _parameters(query)
    reserved = {name: given.pop(name) for name in _RESERVED if name in given}
    form, mac, operands = _form(segments)
    if mac is not None and "signature" in reserved:
        raise RequestRefusedError(
            Refusal.CONTRADICTION,
            "The URL has a signature twice, or begins with unsafe although it has one.",
            parameter="signature",
        )
    signature = reserved.pop("signature", None if mac == _UNSAFE else mac)
    expires = _matching(reserved.get("expires"), _EXPIRES, name="expires")
    operations, document, bucket, key = _target(form, operands)
    return RequestUrl(
        form=form,
        bucket=_valid_bucket(bucket),
        key=_valid_key(key),
        segments=operations,
        parameters=tuple(sorted(given.items(), key=_encoded_name)),
        document=document,
        version=_matching(reserved.get("v"), _VERSION, name="v"),
        key_id=_matching(reserved.get("kid"), KEY_ID, name="kid"),
        expires=None if expires is None else int(expires),
        signature=_matching(signature, _MAC, name="signature"),
        path="/" + "/".join(map(encoded, operands if mac is None else [_UNSAFE, *operands])),
        query=_query(sorted([*given.items(), *reserved.items()], key=_encoded_name)),
    )


def encoded(text: str) -> str:
    """Encode a segment, a name or a value: letters, digits, ``-``, ``.``, ``_`` and ``~`` stay, all else is escaped."""
    return quote(text, safe="")


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs)


def _encoded_name(pair: tuple[str, str]) -> str:
    return encoded(pair[0])


def _decoded(raw: str) -> str:
    """Decode a part of a URL once."""
    if not _PRINTABLE.fullmatch(raw) or _BAD_ESCAPE.search(raw):
        raise _bad_encoding()
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise _bad_encoding() from None
    if _CONTROL.search(text):
        raise _bad_encoding()
    return text


def _bad_encoding() -> RequestRefusedError:
    return RequestRefusedError(
        Refusal.BAD_ENCODING, "Encode the URL as UTF-8 with percent signs. Control characters are not allowed."
    )


def _parameters(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        raw_name, _, raw_value = pair.partition("=")
        name = _decoded(raw_name)
        if not name:
            raise RequestRefusedError(Refusal.BAD_ENCODING, "A parameter has no name.")
        if name in given:
            raise RequestRefusedError(Refusal.REPEATED_PARAMETER, "Send each parameter once.", parameter=name)
        given[name] = _decoded(raw_value)
    return given


def _form(segments: list[str]) -> tuple[Form, str | None, list[str]]:
    """Return the form, ``unsafe`` or the signature if the path begins with one, and the other segments."""
    if _JSON.fullmatch("/".join(segments)):
        return Form.JSON, None, segments
    if any(segment in _NO_NAMES for segment in segments):
        raise RequestRefusedError(Refusal.BAD_PATH, "The path has no key, or a segment that is empty, . or ...")
    if len(segments) > 1 and (segments[0] == _UNSAFE or _MAC.fullmatch(segments[0])):
        return Form.THUMBOR, segments[0], segments[1:]
    if len(segments) > 1 and any(stage.fullmatch(segments[0]) for stage in _STAGES_THAT_BEGIN):
        return Form.THUMBOR, None, segments
    return Form.QUERY, None, segments


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


def _valid_bucket(bucket: object) -> str | None:
    if bucket is None:
        return None
    if isinstance(bucket, str) and _BUCKET.fullmatch(f"s3:{bucket}"):
        return bucket
    raise RequestRefusedError(Refusal.BAD_PARAMETER, "This is not the name of a bucket.", parameter="bucket")


def _valid_key(key: object) -> str:
    if not isinstance(key, str) or not key or len(key.encode()) > MAX_KEY or _CONTROL.search(key):
        message = f"Send a key of 1 to {MAX_KEY} bytes without control characters."
        raise RequestRefusedError(Refusal.BAD_PATH, message, parameter="key")
    if any(part in (".", "..") for part in key.split("/")):
        raise RequestRefusedError(Refusal.BAD_PATH, "A part of the key is . or ...", parameter="key")
    return key


def _matching(value: str | None, pattern: re.Pattern[str], *, name: str) -> str | None:
    if value is None or pattern.fullmatch(value):
        return value
    raise RequestRefusedError(Refusal.BAD_PARAMETER, f"The value must match {pattern.pattern}", parameter=name)
