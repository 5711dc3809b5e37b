"""Lays out a graph with Graphviz."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight_local.errors import UserError
from safelight_local.nodejs import find_node
from safelight_local.servers import kill_group

_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parents[2]
_LIBRARIES = (
    _HERE / "vendor" / "viz.js",
    _CHECKOUT / "node_modules" / "@viz-js" / "viz" / "dist" / "viz.js",
)
"""Graphviz as WebAssembly, in a wheel and in a checkout."""

_SECONDS = 120.0
"""The timeout of Graphviz. It needs one second for a thousand states."""

_POINTS_PER_INCH = 72

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where a state is, in pixels from the picture's upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """Where a transition is.

    `points`: a start, then three for each piece of the Bezier curve.
    `label`: the middle of its words, where it has any.
    """

    points: tuple[Point, ...]
    tip: Point
    label: Point | None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A graph laid out.

    `width`: in pixels.
    `height`: in pixels.
    `boxes`: by the name in DOT of the node or the cluster.
    `lines`: by the id in DOT of the edge; those without an id are not among them.
    """

    width: float
    height: float
    boxes: dict[str, Box]
    lines: dict[str, Line]


def lay_out(dot: str) -> Layout:
    """Lay a graph out from top to bottom.

    Raises UserError if Node.js or Graphviz is missing, or the graph takes longer than two minutes.
    """
    library = next((path for path in _LIBRARIES if path.is_file()), None)
    if library is None:
        # Every wheel has it.
        raise UserError(f"the npm package @viz-js/viz is missing: run `npm ci` in the checkout, {_CHECKOUT}")
    node = find_node(needed_by="laying a diagram out")
    command = [node, str(_HERE / "layout.mjs"), str(library)]
    with subprocess.Popen(  # noqa: S603 - found on PATH, with a script of this package
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            written, errors = process.communicate(dot, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise UserError(f"it cannot be laid out in {_SECONDS:.0f} seconds: write it with --mermaid") from None
        finally:
            # What is on PATH may be a program that starts the Node.js of a Python package: both are in the group.
            kill_group(process.pid)
    if process.returncode != 0:
        last = next((line for line in reversed(errors.splitlines()) if "Error" in line), "it ended early")
        raise UserError(f"Graphviz could not lay it out ({last}): write it with --mermaid")
    return _read(json.loads(written))


def _read(graph: dict[str, Any]) -> Layout:
    *_, width, height = _numbers(graph["bb"])
    boxes = {}
    for it in graph.get("objects", []):
        if "bb" in it:
            left, bottom, right, top = _numbers(it["bb"])
            boxes[it["name"]] = Box(left=left, top=height - top, width=right - left, height=top - bottom)
        elif "pos" in it:
            x, y = _numbers(it["pos"])
            wide, high = (float(it[side]) * _POINTS_PER_INCH for side in ("width", "height"))
            boxes[it["name"]] = Box(left=x - wide / 2, top=height - y - high / 2, width=wide, height=high)
    lines = {it["id"]: _line(it, height=height) for it in graph.get("edges", []) if "id" in it and "pos" in it}
    return Layout(width=width, height=height, boxes=boxes, lines=lines)


def _line(edge: dict[str, Any], *, height: float) -> Line:
    # "e,X,Y" is where the arrow points; the curve ends before it: https://graphviz.org/docs/attr-types/splineType/
    curve = edge["pos"].split()
    marked = [item[2:] for item in curve if item.startswith("e,")]
    points = [_point(item, height=height) for item in curve if item[1] != ","]
    label = edge.get("lp", edge.get("xlp"))
    return Line(
        points=tuple(points),
        tip=_point(marked[0], height=height) if marked else points[-1],
        label=_point(label, height=height) if label else None,
    )


def _point(text: str, *, height: float) -> Point:
    x, y = _numbers(text)
    return x, height - y


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
