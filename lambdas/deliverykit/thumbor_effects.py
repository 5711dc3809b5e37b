"""Filters of a thumbor path that change the picture after the resize, in both dialects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deliverykit.colors import color_of
from deliverykit.given import Given
from deliverykit.readers import blur_sigma_of, degrees_of, kernel_side_of, scale_of, sharpen_sigma_of, weight_of
from deliverykit.thumbor_watermarks import FILTER as WATERMARK
from deliverykit.thumbor_watermarks import watermark_of
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.effects import (
    Blur,
    Convolve,
    Equalize,
    Flatten,
    Grayscale,
    Linear,
    Normalize,
    Sharpen,
    Tint,
)
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.shaping import Pad, Rotate, Scale

MAX_RADIUS = 150
"""thumbor's own bound of ``blur``."""

MAX_AMOUNT = 10
MAX_SHARPEN_RADIUS = 10
_AVERAGE = "auto"
_PERCENT = 100
_WHITE_LEVEL = 255


@dataclass(frozen=True, kw_only=True)
class Call:
    """A filter with its arguments, as they stand between the parentheses."""

    name: str
    arguments: str
    dialect: Dialect

    def values(self, *, least: int, most: int) -> list[Given]:
        """Return the arguments between commas, and refuse another number of them than ``least`` to ``most``."""
        values = [Given(name=self.name, value=text) for text in self.arguments.split(",")] if self.arguments else []
        if not least <= len(values) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise self.refused(f"must have {count} arguments.")
        return values

    def switch(self) -> bool:
        """Return the only argument, and ``True`` if there is none."""
        values = self.values(least=0, most=1)
        return values[0].switch() if values else True

    def refused(self, rule: str) -> RequestRefusedError:
        """Return the refusal of a call that breaks a rule."""
        return Given(name=self.name, value=None).refused(rule)


def fill_color_of(given: Given) -> Color | None:
    """Read a colour. ``auto`` is the average of the picture, ``None`` here."""
    return None if given.value == _AVERAGE else color_of(given)


def _background_color(call: Call) -> Sequence[Operation]:
    (color,) = call.values(least=1, most=1)
    return [Flatten(background=color_of(color))]


def _blur(call: Call) -> Sequence[Operation]:
    radius, *rest = call.values(least=1, most=2)
    length = radius.number(least=0, most=MAX_RADIUS)
    if rest:
        return [Blur(sigma=blur_sigma_of(rest[0]))]
    sigma = length / 2 if call.dialect is Dialect.SIH else length
    return [Blur(sigma=blur_sigma_of(Given(name=call.name, value=sigma)))]


def _convolution(call: Call) -> Sequence[Operation]:
    matrix, columns, *rest = call.values(least=2, most=3)
    kernel = tuple(weight_of(Given(name=call.name, value=text)) for text in str(matrix.value).split(";"))
    width = kernel_side_of(columns)
    height, left_over = divmod(len(kernel), width)
    if left_over:
        raise call.refused(f"must have rows of {width} numbers.")
    kernel_side_of(Given(name=call.name, value=height))
    is_normalized = rest[0].switch() if rest else True
    scale = max(sum(kernel), 1) if call.dialect is Dialect.SIH else None if is_normalized else 1
    return [Convolve(width=width, height=height, kernel=kernel, scale=scale)]


def _equalize(call: Call) -> Sequence[Operation]:
    call.values(least=0, most=0)
    return [Normalize() if call.dialect is Dialect.SIH else Equalize()]


def _fill(call: Call) -> Sequence[Operation]:
    given, *rest = call.values(least=1, most=2)
    color = fill_color_of(given)
    if not rest or not rest[0].switch():
        return [Pad(background=color)]
    if color is None:
        raise rest[0].refused("must have a colour to fill what is transparent, not auto.")
    return [Pad(background=color), Flatten(background=color)]


def _grayscale(call: Call) -> Sequence[Operation]:
    call.values(least=0, most=0)
    return [Grayscale()]


def _proportion(call: Call) -> Sequence[Operation]:
    (factor,) = call.values(least=1, most=1)
    return [Scale(factor=scale_of(factor))]


def _rgb(call: Call) -> Sequence[Operation]:
    least = 0 if call.dialect is Dialect.SIH else -_PERCENT
    levels = [
        given.number(least=least, most=_PERCENT) * _WHITE_LEVEL / _PERCENT for given in call.values(least=3, most=3)
    ]
    if call.dialect is Dialect.THUMBOR:
        return [Linear(factors=(1.0,) * len(levels), offsets=tuple(levels))]
    red, green, blue = map(round, levels)
    return [Tint(color=Color(red=red, green=green, blue=blue))]


def _rotate(call: Call) -> Sequence[Operation]:
    (given,) = call.values(least=1, most=1)
    degrees = degrees_of(given)
    return [Rotate(degrees=degrees if call.dialect is Dialect.SIH else -degrees)]


def _sharpen(call: Call) -> Sequence[Operation]:
    amount, radius, *rest = call.values(least=2, most=3)
    level = amount.number(least=0, most=MAX_AMOUNT)
    sigma = sharpen_sigma_of(Given(name=call.name, value=1 + radius.number(least=0, most=MAX_SHARPEN_RADIUS) / 2))
    for luminance_only in rest:
        luminance_only.switch()
    return [Sharpen(sigma=sigma) if call.dialect is Dialect.SIH else Sharpen(sigma=sigma, flat=level, jagged=level)]


def _watermark(call: Call) -> Sequence[Operation]:
    return [watermark_of(call.arguments, dialect=call.dialect)]


EFFECTS: Mapping[str, Callable[[Call], Sequence[Operation]]] = {
    "background_color": _background_color,
    "blur": _blur,
    "convolution": _convolution,
    "equalize": _equalize,
    "fill": _fill,
    "grayscale": _grayscale,
    "proportion": _proportion,
    "rgb": _rgb,
    "rotate": _rotate,
    "sharpen": _sharpen,
    WATERMARK: _watermark,
}
"""Readers by the names of filters."""
