"""How large the image is that a request gives, for the attributes ``width`` and ``height``."""

from collections.abc import Mapping
from dataclasses import dataclass

from safelight_contracts.delivery.shaping import ResizeFit


@dataclass(frozen=True, kw_only=True)
class Size:
    """Pixels of an upright picture."""

    width: int
    height: int


def result_size(source: Size, *, parameters: Mapping[str, str]) -> Size:
    """Compute the size of a result, to a pixel.

    Parameters
    ----------
    parameters
        Of a query, such as those of a preset: ``width``, ``height``, ``fit`` and ``enlarge`` count.
    """
    if (box := _box(source, parameters)) is None:
        return source
    enlarges = parameters.get("enlarge") == "true"
    across, down = box.width / source.width, box.height / source.height
    match fit := ResizeFit(parameters.get("fit", ResizeFit.INSIDE)):
        case ResizeFit.INSIDE | ResizeFit.OUTSIDE:
            is_wider = box.width * source.height >= box.height * source.width
            by_width = is_wider == (fit is ResizeFit.OUTSIDE)
            # A side that is given alone is exact.
            if not {"width", "height"} <= parameters.keys():
                by_width = "width" in parameters
            if not enlarges and (across if by_width else down) > 1:
                return source
            return _at_ratio(source, box=box, by_width=by_width)
        case ResizeFit.COVER:
            # A smaller picture is only cropped, to the aspect ratio of the box.
            return _scaled(box, factor=1 / max(across, down, 1), enlarges=False) if not enlarges else box
        case ResizeFit.FILL if not enlarges:
            return Size(width=min(box.width, source.width), height=min(box.height, source.height))
    return box


def _box(source: Size, parameters: Mapping[str, str]) -> Size | None:
    """Return the width and the height that are asked for. The aspect ratio gives the one that is not."""
    width, height = (int(parameters[name]) if name in parameters else None for name in ("width", "height"))
    if width is not None:
        return Size(width=width, height=height or max(1, round(source.height * width / source.width)))
    if height is not None:
        return Size(width=max(1, round(source.width * height / source.height)), height=height)
    return None


def _at_ratio(source: Size, *, box: Size, by_width: bool) -> Size:
    if by_width:
        return Size(width=box.width, height=max(1, round(source.height * box.width / source.width)))
    return Size(width=max(1, round(source.width * box.height / source.height)), height=box.height)


def _scaled(size: Size, *, factor: float, enlarges: bool) -> Size:
    factor = factor if enlarges else min(factor, 1)
    return Size(width=max(1, round(size.width * factor)), height=max(1, round(size.height * factor)))
