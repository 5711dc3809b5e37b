"""Requests by a path before the key: thumbor's form, and the Serverless Image Handler's dialect of it.

A path's parts and its filters ``focal``, ``stretch``, ``upscale``, ``no_upscale`` and ``smart_crop``, and in the
handler's dialect ``fill`` and ``proportion``, say how the picture is cropped and resized, wherever they stand. All
other filters happen after that, in the order in which they are written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from deliverykit.given import Given
from deliverykit.readers import coordinate_of, side_of, tolerance_of
from deliverykit.thumbor_filters import Filters, focal_pixel, read_filters
from deliverykit.thumbor_resize import ResizeRequest, resize_operations
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import ImagePlan, Operation
from safelight_contracts.delivery.request_urls import RequestUrl
from safelight_contracts.delivery.shaping import (
    Auto,
    Corner,
    Crop,
    Flip,
    Horizontal,
    ResizeFit,
    Trim,
    Vertical,
)

_TRIM = re.compile(r"trim(?::(top-left|bottom-right))?(?::([0-9]+))?")
_CROP = re.compile(r"([0-9]+)x([0-9]+):([0-9]+)x([0-9]+)")
_FIT_IN = re.compile(r"(adaptive-)?(full-)?fit-in")
_SIZE = re.compile(r"(-?)([0-9]*|orig)x(-?)([0-9]*|orig)")
_SMART = "smart"
_FILTERS = "filters:"
_AUTOMATIC = ("", "0")
# sharp's tolerance is what SIH's users know.
_DEFAULT_TOLERANCES = {Dialect.SIH: Trim().tolerance, Dialect.THUMBOR: 0}


@dataclass(frozen=True, kw_only=True)
class _Path:
    trim: tuple[Trim, ...] = ()
    crop: tuple[Crop, ...] = ()
    flip: tuple[Flip, ...] = ()
    resize: ResizeRequest = field(default_factory=ResizeRequest)
    filters: Filters = field(default_factory=Filters)


def plan_of_path(url: RequestUrl, *, dialect: Dialect) -> ImagePlan:
    """Read the segments before the key."""
    path = _Path()
    for segment in url.segments:
        path = _with_segment(path, segment, dialect=dialect)
    focal = focal_pixel(path.filters.focal, crop=path.crop[0] if path.crop else None)
    resize = replace(path.resize, focal=focal)
    operations: Sequence[Operation] = (
        *path.trim,
        *path.crop,
        *path.filters.smart_crop,
        *resize_operations(resize, filters=path.filters, dialect=dialect),
        *path.flip,
        *path.filters.effects,
    )
    return ImagePlan(operations=tuple(operations), output=path.filters.output)


def _with_segment(path: _Path, segment: str, *, dialect: Dialect) -> _Path:
    resize = path.resize
    if segment.startswith(_FILTERS):
        return replace(path, filters=read_filters(segment.removeprefix(_FILTERS), dialect=dialect))
    if segment == _SMART:
        return replace(path, resize=replace(resize, is_smart=True))
    if segment in set(Horizontal):
        return replace(path, resize=replace(resize, horizontal=Horizontal(segment)))
    if segment in set(Vertical):
        return replace(path, resize=replace(resize, vertical=Vertical(segment)))
    if match := _TRIM.fullmatch(segment):
        return replace(path, trim=(_trim(*match.groups(), dialect=dialect),))
    if match := _CROP.fullmatch(segment):
        return replace(path, crop=(_crop(*match.groups()),))
    if match := _FIT_IN.fullmatch(segment):
        adaptive, full = match.groups()
        fit = ResizeFit.OUTSIDE if full else ResizeFit.INSIDE
        return replace(path, resize=replace(resize, fit_in=fit, is_adaptive=bool(adaptive)))
    match = _SIZE.fullmatch(segment)
    if match is None:
        raise Given(name="path", value=segment).refused("has a part that is none of thumbor's.")
    mirror, width, turn, height = match.groups()
    sides = {"width": _side("width", width), "height": _side("height", height)}
    flip = (Flip(horizontal=bool(mirror), vertical=bool(turn)),) if mirror or turn else ()
    return replace(path, flip=flip, resize=replace(resize, width=sides["width"], height=sides["height"]))


def _trim(corner: str | None, tolerance: str | None, *, dialect: Dialect) -> Trim:
    given = Given(name="trim", value=tolerance)
    return Trim(
        corner=Corner(corner or Corner.TOP_LEFT),
        tolerance=_DEFAULT_TOLERANCES[dialect] if tolerance is None else tolerance_of(given),
    )


def _crop(*corners: str) -> Crop:
    names: Mapping[str, str] = dict(zip(("left", "top", "right", "bottom"), corners, strict=True))
    edges = {name: coordinate_of(Given(name="crop", value=text)) for name, text in names.items()}
    if edges["right"] <= edges["left"] or edges["bottom"] <= edges["top"]:
        raise Given(name="crop", value=None).refused("must have a right and a bottom beyond its left and its top.")
    return Crop(**edges)


def _side(name: str, text: str) -> int | Auto:
    if text in _AUTOMATIC:
        return Auto.RATIO
    if text == Auto.ORIGINAL:
        return Auto.ORIGINAL
    return side_of(Given(name=name, value=text))
