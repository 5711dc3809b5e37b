"""Signatures of URLs: HMAC-SHA256 over the canonical URL, checked at the edge on every request."""

import base64
import hmac
from dataclasses import replace
from hashlib import sha256

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, encoded, split_url

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
