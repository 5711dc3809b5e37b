"""How long viewers and CloudFront keep a result."""

from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.result_keys import Access, access_of

_FIXED = "max-age=31536000, immutable"
_LIVE = "max-age=300, stale-while-revalidate=60"
# The edge function checks the expiry of every request, and a browser has no edge function.
_EXPIRING = "max-age=0, s-maxage=300, must-revalidate"


def cache_control_of(url: RequestUrl, *, plan: ImagePlan) -> str:
    """Return the ``Cache-Control`` of a result.

    Parameters
    ----------
    url
        With ``v`` only if the source has this version. It does not name the version of an overlay.
    plan
        What the URL asks for.
    """
    if access_of(url) is Access.EXPIRING:
        return _EXPIRING
    is_fixed = url.version is not None and not any(isinstance(one, Overlay) for one in plan.operations)
    return _FIXED if is_fixed else _LIVE
