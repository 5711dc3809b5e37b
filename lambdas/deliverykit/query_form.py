"""Requests by parameters after the key: ``photo.jpg?width=300&format=webp``."""

from collections.abc import Mapping
from dataclasses import dataclass

from deliverykit.formats import quality_of, type_of
from deliverykit.given import Given, check_known, contradiction
from deliverykit.readers import degrees_of, multiplied, side_of
from safelight_contracts.delivery.effects import Grayscale
from safelight_contracts.delivery.forms import PRESET, QUERY_PARAMETERS
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.shaping import (
    MIDDLE,
    Auto,
    Flip,
    FocalPoint,
    Focus,
    Gravity,
    Resize,
    ResizeFit,
    Rotate,
)

_MAX_RATIO = 4
_AUTOMATIC = "auto"


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """What a value of ``fit`` stands for. ``enlarges``: whether a smaller picture is enlarged unless asked."""

    fit: ResizeFit
    enlarges: bool = False


# imgix's come last. Its images are enlarged, but those of `max` never.
FITS = {
    **{fit.value: _Fit(fit=fit) for fit in ResizeFit},
    "clip": _Fit(fit=ResizeFit.INSIDE, enlarges=True),
    "crop": _Fit(fit=ResizeFit.COVER, enlarges=True),
    "max": _Fit(fit=ResizeFit.INSIDE),
    "scale": _Fit(fit=ResizeFit.FILL, enlarges=True),
}
_NEVER_ENLARGES = "max"
# Few, so that a permitted size has few URLs.
PIXEL_RATIOS = {f"{half / 2:g}": half / 2 for half in range(2, 2 * _MAX_RATIO + 1)}


def plan_of_query(url: RequestUrl, *, settings: DeliverySettings) -> ImagePlan:
    """Read the parameters of a query."""
    given = dict(url.parameters)
    check_known(given, known=QUERY_PARAMETERS, kind="parameter")
    values = {name: Given(name=name, value=value) for name, value in _with_preset(given, presets=settings.presets)}
    operations: list[Operation] = [*_resize(values), *_flip(values)]
    if "rotate" in values:
        operations.append(Rotate(degrees=degrees_of(values["rotate"])))
    if _is_on(values, "grayscale"):
        operations.append(Grayscale())
    return ImagePlan(operations=tuple(operations), output=_output(values))


def _with_preset(given: dict[str, str], *, presets: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    name = given.pop(PRESET, None)
    if name is None:
        return list(given.items())
    preset = Given(name=PRESET, value=name)
    if name not in presets:
        raise preset.refused("must be the name of a preset of this delivery.")
    for parameter in sorted(given):
        if parameter in presets[name]:
            raise contradiction(f"The preset says {parameter} already.", parameter=parameter)
    return [*presets[name].items(), *given.items()]


def _resize(values: Mapping[str, Given]) -> list[Operation]:
    named = values["fit"].choice(FITS) if "fit" in values else FITS[ResizeFit.INSIDE]
    enlarges = values["enlarge"].switch() if "enlarge" in values else named.enlarges
    if enlarges and "fit" in values and values["fit"].value == _NEVER_ENLARGES:
        raise contradiction("fit=max never enlarges. Send fit=inside.", parameter="enlarge")
    keep = _keep(values, fit=named.fit)
    width, height = _side(values, "width"), _side(values, "height")
    if width is Auto.RATIO and height is Auto.RATIO:
        if "dpr" in values:
            raise contradiction("dpr multiplies width and height. Send one of them.", parameter="dpr")
        return []
    return [Resize(width=width, height=height, fit=named.fit, enlarge=enlarges, keep=keep)]


def _side(values: Mapping[str, Given], name: str) -> int | Auto:
    if name not in values:
        return Auto.RATIO
    side = side_of(values[name])
    if "dpr" not in values:
        return side
    return multiplied(side, factor=values["dpr"].choice(PIXEL_RATIOS), given=values["dpr"])


def _keep(values: Mapping[str, Given], *, fit: ResizeFit) -> Gravity | FocalPoint | Focus:
    if "focus" not in values:
        return MIDDLE
    if fit is not ResizeFit.COVER:
        raise contradiction("focus needs fit=cover, because nothing else crops.", parameter="focus")
    focus = values["focus"]
    if focus.value in set(Focus):
        return Focus(str(focus.value))
    x, comma, y = str(focus.value).partition(",")
    if not comma:
        raise focus.refused("must be faces, attention, or x,y with both from 0 to 1.")
    across, down = (Given(name="focus", value=part).number(least=0, most=1) for part in (x, y))
    return FocalPoint(x=across, y=down)


def _flip(values: Mapping[str, Given]) -> list[Operation]:
    # As sharp's: flip is up and down, flop is left and right.
    vertical, horizontal = _is_on(values, "flip"), _is_on(values, "flop")
    return [Flip(horizontal=horizontal, vertical=vertical)] if vertical or horizontal else []


def _is_on(values: Mapping[str, Given], name: str) -> bool:
    return name in values and values[name].switch()


def _output(values: Mapping[str, Given]) -> Output:
    named = "format" in values and values["format"].value != _AUTOMATIC
    return Output(
        type=type_of(values["format"]) if named else None,
        quality=quality_of(values["quality"]) if "quality" in values else None,
    )
