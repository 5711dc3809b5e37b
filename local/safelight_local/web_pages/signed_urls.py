"""Signs URLs as they are written, and finds out until when they are valid."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.signatures import sign_url
from safelight_local.errors import UserError

_URL = re.compile(r"(?P<origin>https?://[^/?#]+)?(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE)
# In an attribute, & is &amp;.
_SIGNED = re.compile(r"[?&;]signature=")
_DURATION = re.compile(r"(?P<count>[0-9]+)(?P<unit>[smhdw])")
# Weeks of nearly two centuries, which a date of Python and the 12 digits of `expires` can hold.
_MOST_DIGITS = 4
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, kw_only=True)
class Signer:
    """What signs URLs.

    Parameters
    ----------
    scope
        Name of the delivery in signatures.
    key_id, secret
        The key.
    expires
        Until when URLs are valid, in seconds since 1970. Default: for ever.
    """

    scope: str
    key_id: str
    secret: str = field(repr=False)
    expires: int | None = None

    def sign(self, url: str) -> str:
        """Sign a URL, or a path with its query.

        Returns
        -------
        str
            With its origin, if it has one.

        Raises
        ------
        UserError
            If it is malformed, or signed already.
        """
        origin, path, query = _split(url)
        with _reported(url):
            signed = sign_url(
                path, query, scope=self.scope, key_id=self.key_id, secret=self.secret, expires=self.expires
            )
        return f"{origin}{signed}"


def request_of(url: str) -> RequestUrl:
    """Split a URL as a delivery does, with or without its origin. Raises UserError if it is malformed."""
    _origin, path, query = _split(url)
    with _reported(url):
        return split_url(path, query)


def without_signature(url: str) -> str:
    """Return a URL without its signature, ``kid`` and ``expires``. A URL without a signature stays as it is.

    Raises
    ------
    UserError
        If it is malformed.
    """
    request = request_of(url)
    if request.signature is None:
        return url
    kept = "&".join(it for it in request.query.split("&") if it.partition("=")[0] not in ("kid", "expires"))
    return f"{_split(url)[0]}{request.path}{'?' if kept else ''}{kept}"


def count_signed(html: str) -> int:
    """Count the signed URLs in HTML, each time that one is there."""
    return len(_SIGNED.findall(html))


def _split(url: str) -> tuple[str, str, str]:
    """Return the origin, the path and the query."""
    parts = _URL.fullmatch(url)
    if parts is None:
        reason = (
            "a browser does not send what follows #: write %23" if "#" in url else "give https://HOST/PATH or /PATH"
        )
        raise UserError(f"{url} cannot be signed: {reason}")
    return parts["origin"] or "", parts["path"], parts["query"] or ""


@contextmanager
def _reported(url: str) -> Iterator[None]:
    try:
        yield
    except RequestRefusedError as error:
        where = "" if error.parameter is None else f" ({error.parameter})"
        raise UserError(f"{url} cannot be signed: {error.refusal}{where}: {error.message}") from error


def parse_expiry(text: str, *, now: datetime) -> int:
    """Parse until when a URL is valid.

    Parameters
    ----------
    text
        A number with ``s``, ``m``, ``h``, ``d`` or ``w`` from now on, such as ``12h``; or a date or a time in ISO 8601,
        such as ``2026-01-31`` or ``2026-01-31T18:00+01:00``. A time without an offset is in UTC, and a date is its
        first moment.
    now
        With a time zone.

    Returns
    -------
    int
        Seconds since 1970.

    Raises
    ------
    ValueError
        If it is neither, zero, more than 9999 of a unit, or in the past.
    """
    if duration := _DURATION.fullmatch(text):
        count = duration["count"].lstrip("0")
        if not count:
            raise ValueError(f"{text!r} ends at once: the minimum is 1s")
        if len(count) > _MOST_DIGITS:
            longest = f"{'9' * _MOST_DIGITS}{duration['unit']}"
            raise ValueError(f"{text!r} is too long: the maximum is {longest}. Give a date instead")
        end = now + timedelta(**{_UNITS[duration["unit"]]: int(count)})
    else:
        try:
            end = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text!r} is neither a duration such as 12h nor a date such as 2026-01-31") from None
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end <= now:
        raise ValueError(f"{text!r} is in the past")
    return int(end.timestamp())
