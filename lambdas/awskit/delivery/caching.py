"""How long viewers and CloudFront keep a result."""

from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.result_keys import Access, access_of

_FIXED = "max-age=31536000, immutable"
_LIVE = "max-age=300, stale-while-revalidate=60"
# The edge function checks the expiry of every request, and a browser has no edge function.
_EXPIRING = "max-age=0, s-maxage=300, must-revalidate"


def cache_control_of(url: RequestUrl) -> str:
    """Return the ``Cache-Control`` of a result.

    Parameters
    ----------
    url
        With ``v`` only if the source has this version.
    """
    if access_of(url) is Access.EXPIRING:
        return _EXPIRING
    return _LIVE if url.version is None else _FIXED
