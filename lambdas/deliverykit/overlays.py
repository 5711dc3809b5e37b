"""Where and how an image is put on the picture, as thumbor and the Serverless Image Handler both say it."""

import re

from deliverykit.given import Given
from safelight_contracts.delivery.overlays import Distance, Place, Unit
from safelight_contracts.delivery.shaping import MAX_SIDE

_PERCENT = 100
_PLACES = {place.value: place for place in Place}
_DISTANCE = re.compile(r"(-?)([0-9]{1,6})(p?)")


def place_of(given: Given) -> Distance | Place:
    """Read a `distance_of`, ``center`` or ``repeat``."""
    if isinstance(given.value, str) and given.value in _PLACES:
        return _PLACES[given.value]
    return distance_of(given)


def distance_of(given: Given) -> Distance:
    """Read pixels, or percent with a ``p`` at the end. A minus sign means from the far edge."""
    text = str(given.value) if isinstance(given.value, int) and not isinstance(given.value, bool) else given.value
    parts = _DISTANCE.fullmatch(text) if isinstance(text, str) else None
    if parts is None:
        raise given.refused("must be pixels, or percent with a p at the end.")
    minus, digits, percent = parts.groups()
    most = _PERCENT if percent else MAX_SIDE
    if int(digits) > most:
        raise given.refused(f"must be at most {most}.")
    return Distance(value=int(digits), unit=Unit.PERCENT if percent else Unit.PIXELS, from_end=bool(minus))


def opacity_of(given: Given) -> float:
    """Read thumbor's alpha: 0 is opaque, and 100 is clear."""
    return (_PERCENT - given.whole(least=0, most=_PERCENT)) / _PERCENT


def ratio_of(given: Given) -> int:
    """Read percent of the picture's side."""
    return given.whole(least=1, most=_PERCENT)
