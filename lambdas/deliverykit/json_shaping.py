"""Edits of a JSON document that change sides, or put an image on the picture.

Source: sharp's resize.js, and the Serverless Image Handler's image-handler.ts.
"""

from collections.abc import Mapping, Sequence

from deliverykit.colors import color_of
from deliverykit.given import Given, contradiction, required
from deliverykit.json_effects import is_on
from deliverykit.overlays import distance_of, opacity_of, ratio_of
from deliverykit.readers import (
    MAX_COORDINATE,
    coordinate_of,
    degrees_of,
    face_index_of,
    multiplied,
    padding_of,
    scale_of,
    side_of,
    tolerance_of,
)
from safelight_contracts.delivery.colors import BLACK
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.overlays import Overlay, Place
from safelight_contracts.delivery.request_urls import valid_bucket, valid_key
from safelight_contracts.delivery.shaping import (
    MAX_SIDE,
    MIDDLE,
    Auto,
    Crop,
    CropToFaces,
    Extend,
    Flip,
    Focus,
    Gravity,
    Horizontal,
    Resize,
    ResizeFit,
    Rotate,
    RoundCrop,
    Scale,
    Trim,
    Vertical,
)

_FITS = {fit.value: fit for fit in ResizeFit}
_SIDES = ("left", "top", "width", "height")
_EDGES = ("left", "top", "right", "bottom")

_WORDS: Mapping[str, Horizontal | Vertical] = {
    **dict.fromkeys(("left", "west"), Horizontal.LEFT),
    **dict.fromkeys(("right", "east"), Horizontal.RIGHT),
    **dict.fromkeys(("top", "north"), Vertical.TOP),
    **dict.fromkeys(("bottom", "south"), Vertical.BOTTOM),
}


def _position(*words: str) -> Gravity:
    sides = [_WORDS[word] for word in words]
    across = next((side for side in sides if isinstance(side, Horizontal)), MIDDLE.horizontal)
    down = next((side for side in sides if isinstance(side, Vertical)), MIDDLE.vertical)
    return Gravity(horizontal=across, vertical=down)


POSITIONS: Mapping[str, Gravity | Focus] = {
    **{word: _position(word) for word in _WORDS},
    **{f"{across} {down}": _position(across, down) for across in ("left", "right") for down in ("top", "bottom")},
    **{f"{down}{across}": _position(down, across) for down in ("north", "south") for across in ("east", "west")},
    "center": MIDDLE,
    "centre": MIDDLE,
    "attention": Focus.ATTENTION,
}
"""Values of ``edits.resize.position``: sharp's positions, gravities, and one of its strategies."""


def trim(given: Given) -> Sequence[Operation]:
    """Read ``true``, a threshold or ``{threshold}``."""
    if is_on(given):
        return [Trim()]
    if not isinstance(given.value, dict):
        return [Trim(tolerance=tolerance_of(given))]
    members = given.members(("threshold",))
    return [Trim(tolerance=tolerance_of(required(given, members, "threshold")))]


def crop(given: Given) -> Sequence[Operation]:
    """Read ``{left, top, width, height}``."""
    members = given.members(_SIDES)
    left, top = (coordinate_of(required(given, members, name)) for name in _SIDES[:2])
    width, height = (required(given, members, name).whole(least=1, most=MAX_COORDINATE) for name in _SIDES[2:])
    return [Crop(left=left, top=top, right=left + width, bottom=top + height)]


def smart_crop(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{faceIndex, padding}``."""
    members = {} if is_on(given) else given.members(("faceIndex", "padding"))
    index = face_index_of(members["faceIndex"]) if "faceIndex" in members else 0
    return [CropToFaces(index=index, padding=padding_of(members["padding"]) if "padding" in members else 0)]


def resize(given: Given) -> Sequence[Operation]:
    """Read ``{width, height, fit, position, background, withoutEnlargement, ratio}``."""
    members = given.members(("width", "height", "fit", "position", "background", "withoutEnlargement", "ratio"))
    width, height = _side(members.get("width")), _side(members.get("height"))
    fit = members["fit"].choice(_FITS) if "fit" in members else None
    keep = members["position"].choice(POSITIONS) if "position" in members else MIDDLE
    background = color_of(members["background"]) if "background" in members else BLACK
    enlarge = not ("withoutEnlargement" in members and members["withoutEnlargement"].switch())
    if "ratio" in members:
        ratio = scale_of(members["ratio"])
        if width is Auto.RATIO and height is Auto.RATIO:
            return [Scale(factor=ratio if enlarge else min(ratio, 1))]
        if not (isinstance(width, int) and isinstance(height, int)):
            message = f"{members['ratio'].name} multiplies width and height. Send both, or none."
            raise contradiction(message, parameter=members["ratio"].name)
        width, height = (multiplied(side, factor=ratio, given=members["ratio"]) for side in (width, height))
        fit = fit or ResizeFit.INSIDE
    if width is Auto.RATIO and height is Auto.RATIO:
        return []
    fit = fit or ResizeFit.COVER
    return [Resize(width=width, height=height, fit=fit, enlarge=enlarge, keep=keep, background=background)]


def flips(given: Mapping[str, Given]) -> Sequence[Operation]:
    """Read ``flip``, up and down, and ``flop``, left and right. Each is ``true``."""
    for edit in given.values():
        if not is_on(edit):
            raise edit.refused("must be true.")
    return [Flip(horizontal="flop" in given, vertical="flip" in given)] if given else []


def rotate(given: Given) -> Sequence[Operation]:
    """Read degrees. ``null`` is the Serverless Image Handler's way to remove metadata, which happens always."""
    if given.value is None:
        return []
    return [Rotate(degrees=degrees_of(given))]


def extend(given: Given) -> Sequence[Operation]:
    """Read one number for all edges, or ``{left, top, right, bottom, background}``."""
    if not isinstance(given.value, dict):
        edge = given.whole(least=1, most=MAX_SIDE)
        return [Extend(left=edge, top=edge, right=edge, bottom=edge)]
    members = given.members((*_EDGES, "background"))
    if not members:
        raise given.refused("must have an edge.")
    left, top, right, bottom = (
        members[name].whole(least=0, most=MAX_SIDE) if name in members else 0 for name in _EDGES
    )
    background = color_of(members["background"]) if "background" in members else BLACK
    return [Extend(left=left, top=top, right=right, bottom=bottom, background=background)]


def round_crop(given: Given) -> Sequence[Operation]:
    """Read ``true`` or ``{top, left, rx, ry}``. What the ellipse leaves clear at the edges is removed."""
    members = {} if is_on(given) else given.members(("top", "left", "rx", "ry"))
    x, y = (coordinate_of(members[name]) if name in members else None for name in ("left", "top"))
    x_radius, y_radius = (
        members[name].whole(least=1, most=MAX_COORDINATE) if name in members else None for name in ("rx", "ry")
    )
    return [RoundCrop(x=x, y=y, x_radius=x_radius, y_radius=y_radius), Trim()]


def overlay(given: Given) -> Sequence[Operation]:
    """Read ``{bucket, key, wRatio, hRatio, alpha, options: {left, top}}``."""
    members = given.members(("bucket", "key", "wRatio", "hRatio", "alpha", "options"))
    options = members["options"].members(("left", "top")) if "options" in members else {}
    key = required(given, members, "key")
    bucket = members["bucket"].value if "bucket" in members else None
    return [
        Overlay(
            bucket=valid_bucket(bucket, parameter=f"{given.name}.bucket"),
            key=valid_key(key.value, parameter=key.name),
            x=distance_of(options["left"]) if "left" in options else Place.CENTER,
            y=distance_of(options["top"]) if "top" in options else Place.CENTER,
            opacity=opacity_of(members["alpha"]) if "alpha" in members else 1.0,
            width_ratio=ratio_of(members["wRatio"]) if "wRatio" in members else None,
            height_ratio=ratio_of(members["hRatio"]) if "hRatio" in members else None,
        )
    ]


def _side(given: Given | None) -> int | Auto:
    return Auto.RATIO if given is None or given.value is None else side_of(given)
