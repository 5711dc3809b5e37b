"""What a delivery will refuse of a request by a query, as far as its settings tell."""

from collections.abc import Iterator
from difflib import get_close_matches

from safelight_contracts.delivery.forms import PRESET, QUERY_PARAMETERS, Form
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.shaping import MAX_SIDE

_SIDES = ("width", "height")


def expected_refusals(url: RequestUrl, *, settings: DeliverySettings) -> Iterator[str]:
    """Yield a line for each unknown parameter, wrong side or preset, and contradiction. Other forms have none."""
    if url.form is not Form.QUERY:
        return
    given = dict(url.parameters)
    for name, value in given.items():
        if name not in QUERY_PARAMETERS:
            similar = get_close_matches(name, sorted(QUERY_PARAMETERS), n=1)
            yield f"there is no parameter {name!r}{''.join(f': did you mean {it}?' for it in similar)}"
        if name in _SIDES and not (value.isdecimal() and 1 <= int(value) <= MAX_SIDE):
            yield f"{name}={value} is not a whole number from 1 to {MAX_SIDE}"
    if PRESET not in given:
        return
    preset = settings.presets.get(given[PRESET])
    if preset is None:
        yield f"the delivery has no preset {given[PRESET]!r}: it has {', '.join(settings.presets) or 'none'}"
        return
    yield from (f"the preset {given[PRESET]} says {name} already" for name in given if name in preset)
