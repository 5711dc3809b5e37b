"""The filter ``watermark`` of a thumbor path.

thumbor's arguments are an address, x, y, alpha and two ratios. The Serverless Image Handler's begin with a bucket.
Neither is a URL here: an address is a key of the picture's bucket, or ``s3:BUCKET/KEY``.
"""

import re

from deliverykit.given import Given
from deliverykit.overlays import opacity_of, place_of, ratio_of
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.overlays import Overlay, Place
from safelight_contracts.delivery.request_urls import valid_bucket, valid_key

FILTER = "watermark"
_PLACE = r"-?[0-9]+p?|center|repeat"
_NONE = "none"
# The key is the shortest that what follows allows, because it may have commas.
_ARGUMENTS = re.compile(
    rf"(?P<key>.+?)(?:,(?P<x>{_PLACE}),(?P<y>{_PLACE})(?:,(?P<alpha>[0-9]+)(?:,(?P<width>[0-9]+|{_NONE})"
    rf"(?:,(?P<height>[0-9]+|{_NONE}))?)?)?)?"
)
_ADDRESS = re.compile(r"s3:(?P<bucket>[^/]+)/(?P<key>.+)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def watermark_of(arguments: str, *, dialect: Dialect) -> Overlay:
    """Read the arguments of a watermark."""
    bucket, rest = None, arguments
    if dialect is Dialect.SIH:
        bucket, _, rest = arguments.partition(",")
    match = _ARGUMENTS.fullmatch(rest)
    if match is None:
        raise Given(name=FILTER, value=None).refused("must have a key, x, y, alpha and two ratios, or fewer of them.")
    key = match["key"]
    if dialect is Dialect.THUMBOR:
        bucket, key = _addressed(key)
    values = {name: Given(name=FILTER, value=value) for name, value in match.groupdict().items() if value is not None}
    ratios = {
        name: ratio_of(values[name]) for name in ("width", "height") if name in values and values[name].value != _NONE
    }
    return Overlay(
        bucket=valid_bucket(bucket, parameter=FILTER),
        key=valid_key(key, parameter=FILTER),
        x=place_of(values["x"]) if "x" in values else Place.CENTER,
        y=place_of(values["y"]) if "y" in values else Place.CENTER,
        opacity=opacity_of(values["alpha"]) if "alpha" in values else 1.0,
        width_ratio=ratios.get("width"),
        height_ratio=ratios.get("height"),
    )


def _addressed(address: str) -> tuple[str | None, str]:
    if _URL.match(address):
        raise Given(name=FILTER, value=None).refused("takes no URL. Send a key, or s3:BUCKET/KEY.")
    match = _ADDRESS.fullmatch(address)
    return (match["bucket"], match["key"]) if match else (None, address)
