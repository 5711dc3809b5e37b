"""Filters of a thumbor path: ``filters:rotate(90):quality(80)``."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deliverykit.formats import quality_of, type_of
from deliverykit.given import Given, check_known, contradiction
from deliverykit.readers import coordinate_of, face_index_of, padding_of
from deliverykit.thumbor_effects import EFFECTS, Call, fill_color_of
from deliverykit.thumbor_watermarks import FILTER as WATERMARK
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import Operation, Output
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import Crop, CropToFaces, FocalPixel, Pad
from safelight_contracts.image_types import ImageType

MAX_FILTERS = 16
MAX_WATERMARKS = 4
"""Each is an object that is read, and an image in memory."""

_CALL = re.compile(r"([a-z0-9_]+)\((.*)\)")
_AREA = re.compile(r"([0-9]+)x([0-9]+):([0-9]+)x([0-9]+)")


@dataclass(frozen=True, kw_only=True)
class FocalArea:
    """A part of the source that should stay, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What filters say.

    Parameters
    ----------
    effects
        In the order in which they are written.
    smart_crop
        What happens before the resize.
    focal
        Areas that the resize keeps.
    stretches, upscales, keeps_small
        ``stretch``, ``upscale`` and ``no_upscale``.
    fill, proportion
        In the handler's dialect, where they are about the resize. Otherwise they are effects.
    """

    effects: tuple[Operation, ...] = ()
    smart_crop: tuple[CropToFaces, ...] = ()
    focal: tuple[FocalArea, ...] = ()
    stretches: bool = False
    upscales: bool = False
    keeps_small: bool = False
    fill: Pad | None = None
    proportion: Given | None = None
    output: Output = field(default_factory=Output)


def read_filters(text: str, *, dialect: Dialect) -> Filters:
    """Read what follows ``filters:``.

    Raises
    ------
    RequestRefusedError
        It names the filter.
    """
    calls = list(_calls(text, dialect=dialect))
    names = [call.name for call in calls]
    check_known(names, known=FILTERS, kind="filter")
    if len(calls) > MAX_FILTERS or names.count(WATERMARK) > MAX_WATERMARKS:
        message = f"Send at most {MAX_FILTERS} filters, {MAX_WATERMARKS} watermarks among them."
        raise RequestRefusedError(Refusal.BAD_PARAMETER, message, parameter="filters")
    filters = Filters()
    for index, call in enumerate(calls):
        if call.name not in _REPEATABLE and call.name in names[:index]:
            raise RequestRefusedError(Refusal.REPEATED_PARAMETER, "Send this filter once.", parameter=call.name)
        setting = _SETTINGS_OF[dialect].get(call.name)
        if setting is None:
            filters = replace(filters, effects=(*filters.effects, *EFFECTS[call.name](call)))
        else:
            filters = setting(filters, call)
    return filters


def focal_pixel(areas: Iterable[FocalArea], *, crop: Crop | None) -> FocalPixel | None:
    """Return the middle of all focal areas, each with the weight of its size, in the picture that was cropped."""
    weighted = [(area, (area.right - area.left) * (area.bottom - area.top)) for area in areas]
    if not weighted:
        return None
    total = sum(weight for _, weight in weighted)
    x = sum((area.left + area.right) / 2 * weight for area, weight in weighted) / total
    y = sum((area.top + area.bottom) / 2 * weight for area, weight in weighted) / total
    return FocalPixel(x=x - (crop.left if crop else 0), y=y - (crop.top if crop else 0))


def _calls(text: str, *, dialect: Dialect) -> Iterable[Call]:
    *parts, last = text.split("):")
    for part in [*(f"{part})" for part in parts), last]:
        match = _CALL.fullmatch(part)
        if match is None:
            message = "Write filters as filters:name(arguments):name(arguments)."
            raise RequestRefusedError(Refusal.BAD_PARAMETER, message, parameter="filters")
        yield Call(name=match[1], arguments=match[2], dialect=dialect)


def _animated(filters: Filters, call: Call) -> Filters:
    return _with_output(filters, animated=call.switch())


def _autojpg(filters: Filters, call: Call) -> Filters:
    if not call.switch():
        raise call.refused("must not be false. Leave it out.")
    return _with_type(filters, ImageType.JPEG, call=call)


def _fill(filters: Filters, call: Call) -> Filters:
    (color,) = call.values(least=1, most=1)
    return replace(filters, fill=Pad(background=fill_color_of(color)))


def _focal(filters: Filters, call: Call) -> Filters:
    (given,) = call.values(least=1, most=1)
    match = _AREA.fullmatch(str(given.value))
    if match is None:
        raise given.refused("must be LEFTxTOP:RIGHTxBOTTOM in pixels.")
    edges = (coordinate_of(Given(name=call.name, value=text)) for text in match.groups())
    area = FocalArea(**dict(zip(("left", "top", "right", "bottom"), edges, strict=True)))
    if area.right <= area.left or area.bottom <= area.top:
        raise given.refused("must have a right and a bottom beyond its left and its top.")
    return replace(filters, focal=(*filters.focal, area))


def _format(filters: Filters, call: Call) -> Filters:
    (given,) = call.values(least=1, most=1)
    return _with_type(filters, type_of(given), call=call)


def _no_upscale(filters: Filters, call: Call) -> Filters:
    call.values(least=0, most=0)
    return replace(filters, keeps_small=True)


def _proportion(filters: Filters, call: Call) -> Filters:
    (given,) = call.values(least=1, most=1)
    return replace(filters, proportion=given)


def _quality(filters: Filters, call: Call) -> Filters:
    (given,) = call.values(least=1, most=1)
    return _with_output(filters, quality=quality_of(given))


def _smart_crop(filters: Filters, call: Call) -> Filters:
    index, padding = [*call.values(least=0, most=2), None, None][:2]
    crop = CropToFaces(
        index=face_index_of(index) if index else 0,
        padding=padding_of(padding) if padding else 0,
    )
    return replace(filters, smart_crop=(crop,))


def _stretch(filters: Filters, call: Call) -> Filters:
    call.values(least=0, most=0)
    return replace(filters, stretches=True)


def _strip(filters: Filters, call: Call) -> Filters:
    # Metadata and profiles are always removed.
    call.values(least=0, most=0)
    return filters


def _upscale(filters: Filters, call: Call) -> Filters:
    call.values(least=0, most=0)
    return replace(filters, upscales=True)


def _with_type(filters: Filters, image_type: ImageType, *, call: Call) -> Filters:
    if filters.output.type is not None and filters.output.type is not image_type:
        raise contradiction("format and autojpg name different types.", parameter=call.name)
    return _with_output(filters, type=image_type)


def _with_output(filters: Filters, **changes: Any) -> Filters:
    return replace(filters, output=replace(filters.output, **changes))


_Setting = Callable[[Filters, Call], Filters]
_SETTINGS: Mapping[str, _Setting] = {
    "animated": _animated,
    "autojpg": _autojpg,
    "focal": _focal,
    "format": _format,
    "no_upscale": _no_upscale,
    "quality": _quality,
    "smart_crop": _smart_crop,
    "stretch": _stretch,
    "strip_exif": _strip,
    "strip_icc": _strip,
    "upscale": _upscale,
}
# In thumbor's dialect these are effects.
_SETTINGS_OF_SIH: Mapping[str, _Setting] = {"fill": _fill, "proportion": _proportion}
_SETTINGS_OF: Mapping[Dialect, Mapping[str, _Setting]] = {
    Dialect.SIH: {**_SETTINGS, **_SETTINGS_OF_SIH},
    Dialect.THUMBOR: _SETTINGS,
}
_REPEATABLE = frozenset({*EFFECTS, "focal"}) - frozenset({*_SETTINGS_OF_SIH, "grayscale"})
FILTERS = frozenset({*EFFECTS, *_SETTINGS})
"""Names of all filters."""
