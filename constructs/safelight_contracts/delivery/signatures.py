"""Signatures of URLs: HMAC-SHA256 over the canonical URL, checked at the edge on every request."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, encoded, split_url
from safelight_contracts.delivery.settings import Signing

_SCHEME = "safelight-1"


def signature_of(url: RequestUrl, *, scope: str, secret: str) -> str:
    """Sign a URL.

    Parameters
    ----------
    url
        A signature that it has already does not count.
    scope
        Name of the delivery. A signature for one delivery does not open another that has the same keys.
    secret
        Text of the key, at least 32 characters.

    Returns
    -------
    str
        43 characters of base64url.
    """
    message = f"{_SCHEME}\n{scope}\n{url.path}?{url.query}"
    digest = hmac.new(secret.encode(), message.encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_signed(url: RequestUrl, *, scope: str, secret: str) -> bool:
    """Say whether a URL's signature is right, in constant time."""
    return url.signature is not None and hmac.compare_digest(
        url.signature, signature_of(url, scope=scope, secret=secret)
    )


def check_signature(url: RequestUrl, *, scope: str, signing: Signing, keys: Mapping[str, str], now: float) -> None:
    """Check the signature of a URL and until when it is valid.

    A URL without a signature must not have ``kid`` or ``expires``, because nothing would hold it to them.

    Parameters
    ----------
    scope
        Name of the delivery.
    signing
        Which requests must be signed. With ``Signing.OPTIONAL`` a request without a signature passes here, and
        ``deliverykit.permissions`` decides. With ``Signing.OFF`` no signature is right.
    keys
        Texts of the keys by ``kid``.
    now
        Seconds since 1970. A URL is no longer valid in the second of its ``expires``.

    Raises
    ------
    RequestRefusedError
        `BAD_SIGNATURE` or `EXPIRED`.
    """
    if url.signature is None:
        if signing is Signing.REQUIRED:
            raise _bad_signature("Sign the URL.")
        if url.key_id is not None or url.expires is not None:
            raise _bad_signature("kid and expires need a signature.")
        return
    secret = None if signing is Signing.OFF or url.key_id is None else keys.get(url.key_id)
    if secret is None or not is_signed(url, scope=scope, secret=secret):
        raise _bad_signature("The signature is wrong, or its key is unknown.")
    if url.expires is not None and url.expires <= now:
        raise RequestRefusedError(Refusal.EXPIRED, "The URL has expired.", parameter="expires")


def sign_url(path: str, query: str, *, scope: str, key_id: str, secret: str, expires: int | None = None) -> str:
    """Return a path and its query, canonical, with ``kid``, ``expires`` and a signature.

    The signature takes the place of ``unsafe`` at the beginning of a path, and is a parameter otherwise.

    Parameters
    ----------
    path, query
        As for `safelight_contracts.delivery.request_urls.split_url`, without a signature.
    key_id
        Which key this is.
    expires
        Until when the URL is valid, in seconds since 1970. Default: for ever.

    Raises
    ------
    RequestRefusedError
        If the URL is malformed, or has a signature.
    """
    added = f"kid={encoded(key_id)}" + ("" if expires is None else f"&expires={expires}")
    url = split_url(path, f"{query}&{added}" if query else added)
    if url.signature is not None:
        raise RequestRefusedError(Refusal.CONTRADICTION, "The URL has a signature already.", parameter="signature")
    return replace(url, signature=signature_of(url, scope=scope, secret=secret)).address


def _bad_signature(message: str) -> RequestRefusedError:
    return RequestRefusedError(Refusal.BAD_SIGNATURE, message, parameter="signature")
