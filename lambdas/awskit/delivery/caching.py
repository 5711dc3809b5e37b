"""How long viewers and CloudFront keep a result."""

from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.result_keys import Access, access_of

_FIXED = "max-age=31536000, immutable"
_LIVE = "max-age=300, stale-while-revalidate=60"
# The edge function checks the expiry of every request, and a browser has no edge function.
_EXPIRING = "max-age=0, s-maxage=300, must-revalidate"


def cache_control_of(url: RequestUrl, *, asked: ImagePlan, made: ImagePlan) -> str:
    """Return the ``Cache-Control`` of a result.

    The version of a URL names its source. It names neither an overlay nor the focal point of the upload.

    Parameters
    ----------
    url
        With ``v`` only if the source has this version.
    asked
        What the URL asks for.
    made
        What was done. It differs if the focal point of the upload decided what a crop keeps.
    """
    if access_of(url) is Access.EXPIRING:
        return _EXPIRING
    depends_on_more = made != asked or any(isinstance(one, Overlay) for one in asked.operations)
    return _LIVE if url.version is None or depends_on_more else _FIXED
