"""The resize of a thumbor path, which its parts and some of its filters say together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from deliverykit.given import Given, contradiction
from deliverykit.readers import multiplied, scale_of
from deliverykit.thumbor_filters import Filters
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.shaping import (
    Auto,
    FocalPixel,
    Focus,
    Gravity,
    Horizontal,
    Resize,
    ResizeFit,
    Scale,
    Vertical,
)


@dataclass(frozen=True, kw_only=True)
class ResizeRequest:
    """What a path says of the resize.

    Parameters
    ----------
    fit_in
        What ``fit-in`` or ``full-fit-in`` stands for.
    focal
        The point of the filter ``focal``. It counts more than ``smart``, which counts more than left, right, top and
        bottom.
    """

    width: int | Auto = Auto.RATIO
    height: int | Auto = Auto.RATIO
    fit_in: ResizeFit | None = None
    is_adaptive: bool = False
    is_smart: bool = False
    horizontal: Horizontal = Horizontal.CENTER
    vertical: Vertical = Vertical.MIDDLE
    focal: FocalPixel | None = None


def resize_operations(request: ResizeRequest, *, filters: Filters, dialect: Dialect) -> Sequence[Operation]:
    """Return the resize and what belongs to it.

    Raises
    ------
    RequestRefusedError
        `CONTRADICTION` if a part of the path and a filter exclude one another.
    """
    _check(request, filters=filters)
    width, height = request.width, request.height
    if filters.proportion is not None:
        if width is Auto.RATIO and height is Auto.RATIO:
            factor = scale_of(filters.proportion)
            return [Scale(factor=min(factor, 1) if filters.keeps_small else factor)]
        width, height = (_proportional(side, proportion=filters.proportion) for side in (width, height))
    if width is Auto.RATIO and height is Auto.RATIO:
        return []
    resize = Resize(
        width=width,
        height=height,
        fit=_fit(request, filters=filters, dialect=dialect),
        enlarge=_enlarges(request, filters=filters, dialect=dialect),
        adaptive=request.is_adaptive,
        keep=_keep(request),
    )
    if filters.fill is None:
        return [resize]
    if filters.fill.background is None:
        return [replace(resize, fit=ResizeFit.INSIDE), filters.fill]
    return [replace(resize, fit=ResizeFit.CONTAIN, background=filters.fill.background)]


def _check(request: ResizeRequest, *, filters: Filters) -> None:
    if request.fit_in is not None and filters.stretches:
        raise contradiction("stretch and fit-in exclude one another.", parameter="stretch")
    if filters.fill is not None and filters.stretches:
        raise contradiction("stretch and fill exclude one another.", parameter="stretch")
    if filters.upscales and filters.keeps_small:
        raise contradiction("upscale and no_upscale exclude one another.", parameter="no_upscale")


def _fit(request: ResizeRequest, *, filters: Filters, dialect: Dialect) -> ResizeFit:
    if request.fit_in is not None:
        return request.fit_in
    if filters.stretches:
        return ResizeFit.FILL
    return ResizeFit.INSIDE if filters.upscales and dialect is Dialect.SIH else ResizeFit.COVER


def _enlarges(request: ResizeRequest, *, filters: Filters, dialect: Dialect) -> bool:
    if filters.keeps_small:
        return False
    return filters.upscales or dialect is Dialect.SIH or request.fit_in is not ResizeFit.INSIDE


def _keep(request: ResizeRequest) -> Gravity | FocalPixel | Focus:
    if request.focal is not None:
        return request.focal
    if request.is_smart:
        return Focus.ATTENTION
    return Gravity(horizontal=request.horizontal, vertical=request.vertical)


def _proportional(side: int | Auto, *, proportion: Given) -> int | Auto:
    if side is Auto.ORIGINAL:
        raise contradiction("proportion and orig exclude one another.", parameter=proportion.name)
    return side if side is Auto.RATIO else multiplied(side, factor=scale_of(proportion), given=proportion)
