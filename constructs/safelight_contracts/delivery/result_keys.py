"""Keys of stored results: the edge function and the function that makes images compute the same."""

from enum import StrEnum
from hashlib import sha256

from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.request_urls import RequestUrl

_ROOT = "r1"
_LEASES = "l1"
_VERDICTS = "f1"
_CACHED = "k1"
_LIVE = "live"
_FIXED = "fixed"
_AUTOMATIC = "auto"
EXPIRING_PREFIXES = tuple(f"{root}/" for root in (_ROOT, _LEASES, _VERDICTS))
"""Prefixes of objects that are made again when they are gone. All others must be kept."""

FORGOTTEN_PREFIXES = (f"{_ROOT}/", f"{_VERDICTS}/")
"""Prefixes of what is deleted when a source changes."""

ALL_RESULTS = f"{_ROOT}/"
"""The prefix of all results of all sources. CloudFront reads nothing else."""

# Names in a JSON document that name a type.
_TYPES_OF_EDITS = frozenset({"toFormat", "jpeg", "png", "webp", "gif", "avif", "tiff"})


class Access(StrEnum):
    """Why a request may be answered. A result is found only by requests with the same access."""

    OPEN = "open"
    """What it asks for is permitted to everybody."""
    SIGNED = "signed"
    EXPIRING = "expiring"
    """Signed, until a time. Browsers must not keep the answer."""


def access_of(url: RequestUrl) -> Access:
    """Return the access that a URL claims. Its signature must be checked before."""
    if url.signature is None:
        return Access.OPEN
    return Access.SIGNED if url.expires is None else Access.EXPIRING


def source_prefix(*, bucket: str, key: str) -> str:
    """Return the prefix of all results of a source, with a slash at the end."""
    return f"{_ROOT}/{_digest(bucket, key)}/"


def lease_key(key: str) -> str:
    """Return the key of the object whose writer makes a result. CloudFront must not read it."""
    return f"{_LEASES}/{key}"


def verdict_prefix(*, bucket: str, key: str) -> str:
    """Return the prefix of what detectors found in a source. CloudFront must not read it."""
    return f"{_VERDICTS}/{_digest(bucket, key)}/"


def cached_key(*, bucket: str, key: str) -> str:
    """Return the key of the object that says that CloudFront may have cached results of a source.

    It is written before the first result is stored. It is kept, because CloudFront caches longer than results are kept.
    """
    return f"{_CACHED}/{_digest(bucket, key)}"


def overlaid_key(*, overlay_bucket: str, overlay_key: str, bucket: str, key: str) -> str:
    """Return the key of the object that says that a source has results with an overlay. It is kept, too.

    It begins with the overlay's own `cached_key`, so that one list has all that must be forgotten with a source.
    """
    return f"{cached_key(bucket=overlay_bucket, key=overlay_key)}/{_digest(bucket, key)}"


def overlaid_source_prefix(key: str) -> str:
    """Return the prefix of all results of the source that an `overlaid_key` is about."""
    return f"{_ROOT}/{key.rpartition('/')[2]}/"


def result_key(
    url: RequestUrl, *, bucket: str, accepted: AcceptedType, presets_with_type: frozenset[str], generation: str
) -> str:
    """Return the key of a result.

    Parameters
    ----------
    bucket
        The bucket of the source.
    accepted
        What the viewer accepts.
    presets_with_type
        Names of the presets that name a type.
    generation
        What changes when the delivery permits or means something else.
    """
    version = _LIVE if url.version is None else f"v.{url.version}"
    choice = _FIXED if names_type(url, presets_with_type=presets_with_type) else accepted
    asked = _digest(generation, access_of(url), choice, url.operations)
    return f"{source_prefix(bucket=bucket, key=url.key)}{version}/{asked}"


def names_type(url: RequestUrl, *, presets_with_type: frozenset[str]) -> bool:
    """Say whether a URL names the type of its result, so that what the viewer accepts does not matter."""
    match url.form:
        case Form.QUERY:
            given = dict(url.parameters)
            return given.get("format", _AUTOMATIC) != _AUTOMATIC or given.get("preset") in presets_with_type
        case Form.THUMBOR:
            filters = url.segments[-1] if url.segments else ""
            return filters.startswith("filters:") and ("format(" in filters or "autojpg(" in filters)
        case Form.JSON:
            edits = url.document.get("edits")
            return "outputFormat" in url.document or (isinstance(edits, dict) and not _TYPES_OF_EDITS.isdisjoint(edits))


def _digest(*lines: str) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()[:32]
