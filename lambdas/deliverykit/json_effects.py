"""Edits of a JSON document that change colours, with sharp's names, defaults and ranges.

Source: sharp's operation.js, colour.js and channel.js. Where a range here is narrower, it bounds the time of a request.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deliverykit.colors import color_of
from deliverykit.given import Given, required
from deliverykit.readers import blur_sigma_of, kernel_side_of, sharpen_sigma_of, weight_of
from safelight_contracts.delivery.colors import BLACK
from safelight_contracts.delivery.effects import (
    Blur,
    BlurUnsafe,
    Clahe,
    Convolve,
    EnsureAlpha,
    Flatten,
    Gamma,
    Grayscale,
    Linear,
    Median,
    Modulate,
    Negate,
    Normalize,
    Recomb,
    RemoveAlpha,
    Sharpen,
    Threshold,
    Tint,
)
from safelight_contracts.delivery.operations import Operation

MAX_MEDIAN = 15
MAX_TILE = 1_024
MAX_FACTOR = 1_000
MAX_LABELS = 100
MAX_LEVEL = 1_000_000
_PERCENT = 100
_CHANNELS = 3
_RECOMB = 3


def is_on(given: Given) -> bool:
    """Say whether an edit is ``true``, and refuse ``false``: the edit can be left out.

    Raises
    ------
    RequestRefusedError
        `BAD_PARAMETER`.
    """
    if given.value is False:
        raise given.refused("must not be false. Leave it out.")
    return given.value is True


def flatten(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{background}``."""
    members = {} if is_on(given) else given.members(("background",))
    return [Flatten(background=color_of(members["background"]) if "background" in members else BLACK)]


def negate(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{alpha}``."""
    members = {} if is_on(given) else given.members(("alpha",))
    return [Negate(alpha=members["alpha"].switch() if "alpha" in members else True)]


def gamma_before_resize(given: Given) -> Sequence[Operation]:
    """Read ``true`` or a number. sharp resizes in light that is nearly linear: darker before, brighter after."""
    return [Gamma(value=1 / _gamma(given))]


def gamma_after_resize(given: Given) -> Sequence[Operation]:
    """Read what `gamma_before_resize` reads."""
    return [Gamma(value=_gamma(given))]


def grayscale(given: Given) -> Sequence[Operation]:
    """Read ``true``."""
    return _only_true(given, Grayscale())


def median(given: Given) -> Sequence[Operation]:
    """Read ``true`` or a size."""
    return [Median() if is_on(given) else Median(size=given.whole(least=1, most=MAX_MEDIAN))]


def threshold(given: Given) -> Sequence[Operation]:
    """Read ``true`` or a value."""
    return [Threshold() if is_on(given) else Threshold(value=given.whole(least=0, most=255))]


def blur(given: Given) -> Sequence[Operation]:
    """Read ``true``, a sigma or ``{sigma}``."""
    if is_on(given):
        return [Blur()]
    return [Blur(sigma=blur_sigma_of(_sigma(given)))]


def convolve(given: Given) -> Sequence[Operation]:
    """Read ``{width, height, kernel, scale, offset}``."""
    members = given.members(("width", "height", "kernel", "scale", "offset"))
    width, height = (kernel_side_of(required(given, members, name)) for name in ("width", "height"))
    kernel = tuple(weight_of(item) for item in required(given, members, "kernel").items())
    if len(kernel) != width * height:
        raise members["kernel"].refused(f"must have width x height = {width * height} numbers.")
    scale = members["scale"].number(least=1, most=MAX_LEVEL) if "scale" in members else max(sum(kernel), 1)
    offset = weight_of(members["offset"]) if "offset" in members else 0
    return [Convolve(width=width, height=height, kernel=kernel, scale=scale, offset=offset)]


def recomb(given: Given) -> Sequence[Operation]:
    """Read three rows of three numbers."""
    rows = [_numbers(row, most=MAX_FACTOR) for row in given.items()]
    if len(rows) != _RECOMB or any(len(row) != _RECOMB for row in rows):
        raise given.refused("must be three rows of three numbers.")
    return [Recomb(matrix=tuple(number for row in rows for number in row))]


def modulate(given: Given) -> Sequence[Operation]:
    """Read ``{brightness, saturation, hue, lightness}``."""
    members = given.members(("brightness", "saturation", "hue", "lightness"))
    if not members:
        raise given.refused("must have a member.")
    ranges = {
        "brightness": (0, MAX_FACTOR),
        "saturation": (0, MAX_FACTOR),
        "hue": (-360, 360),
        "lightness": (-_PERCENT, _PERCENT),
    }
    return [Modulate(**_ranged(members, ranges))]


def sharpen(given: Given) -> Sequence[Operation]:
    """Read ``true``, a sigma or ``{sigma, m1, m2}``."""
    if is_on(given):
        return [Sharpen()]
    sigma = sharpen_sigma_of(_sigma(given, others=("m1", "m2")))
    if not isinstance(given.value, dict):
        return [Sharpen(sigma=sigma)]
    members = given.members(("sigma", "m1", "m2"))
    levels = _ranged(members, {"m1": (0, MAX_LEVEL), "m2": (0, MAX_LEVEL)})
    return [Sharpen(sigma=sigma, **{{"m1": "flat", "m2": "jagged"}[name]: level for name, level in levels.items()})]


def linear(given: Given) -> Sequence[Operation]:
    """Read a factor, a factor a channel, or ``{a, b}`` of these."""
    if not isinstance(given.value, dict):
        return [Linear(factors=_channels(given))]
    members = given.members(("a", "b"))
    if not members:
        raise given.refused("must have a member.")
    factors = _channels(members["a"]) if "a" in members else (1.0,)
    offsets = _channels(members["b"]) if "b" in members else (0.0,)
    return [Linear(factors=factors, offsets=offsets)]


def normalize(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{lower, upper}``."""
    members = {} if is_on(given) else given.members(("lower", "upper"))
    limits = Normalize(**_ranged(members, {"lower": (0, _PERCENT - 1), "upper": (1, _PERCENT)}))
    if limits.lower >= limits.upper:
        raise given.refused("must have a lower that is less than upper.")
    return [limits]


def clahe(given: Given) -> Sequence[Operation]:
    """Read ``{width, height, maxSlope}``."""
    members = given.members(("width", "height", "maxSlope"))
    width, height = (required(given, members, name).whole(least=1, most=MAX_TILE) for name in ("width", "height"))
    slope = members["maxSlope"].whole(least=0, most=_PERCENT) if "maxSlope" in members else None
    return [Clahe(width=width, height=height) if slope is None else Clahe(width=width, height=height, max_slope=slope)]


def tint(given: Given) -> Sequence[Operation]:
    """Read a colour."""
    return [Tint(color=color_of(given))]


def remove_alpha(given: Given) -> Sequence[Operation]:
    """Read ``true``."""
    return _only_true(given, RemoveAlpha())


def ensure_alpha(given: Given) -> Sequence[Operation]:
    """Read ``true`` or a number."""
    return [EnsureAlpha() if is_on(given) else EnsureAlpha(alpha=given.number(least=0, most=1))]


def blur_unsafe(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{minConfidence, blur, moderationLabels}``."""
    members = {} if is_on(given) else given.members(("minConfidence", "blur", "moderationLabels"))
    values: dict[str, Any] = {}
    if "minConfidence" in members:
        values["min_confidence"] = members["minConfidence"].number(least=0, most=_PERCENT)
    if "blur" in members:
        values["sigma"] = blur_sigma_of(members["blur"])
    if "moderationLabels" in members:
        labels = [item.text() for item in members["moderationLabels"].items()]
        if not 1 <= len(labels) <= MAX_LABELS:
            raise members["moderationLabels"].refused(f"must be 1 to {MAX_LABELS} labels.")
        values["labels"] = frozenset(labels)
    return [BlurUnsafe(**values)]


def _gamma(given: Given) -> float:
    return Gamma().value if is_on(given) else given.number(least=1, most=3)


def _only_true(given: Given, operation: Operation) -> Sequence[Operation]:
    if not is_on(given):
        raise given.refused("must be true.")
    return [operation]


def _sigma(given: Given, *, others: Sequence[str] = ()) -> Given:
    if not isinstance(given.value, dict):
        return given
    return required(given, given.members(("sigma", *others)), "sigma")


def _channels(given: Given) -> tuple[float, ...]:
    if not isinstance(given.value, list):
        return (given.number(least=-MAX_FACTOR, most=MAX_FACTOR),)
    numbers = _numbers(given, most=MAX_FACTOR)
    if len(numbers) not in (1, _CHANNELS):
        raise given.refused("must be one number, or one for each of red, green and blue.")
    return numbers


def _numbers(given: Given, *, most: float) -> tuple[float, ...]:
    return tuple(item.number(least=-most, most=most) for item in given.items())


def _ranged(members: Mapping[str, Given], ranges: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    return {
        name: members[name].number(least=least, most=most) for name, (least, most) in ranges.items() if name in members
    }
