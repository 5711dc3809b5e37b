"""Draws a definition as SVG."""

import functools
import json
import math

from safelight_local.diagram.definition import Machine, State, ends, every_state, parse, raises_error, subtitle
from safelight_local.diagram.graph import FRAME, FRAME_LABEL, Edge, Graph, name_lines, to_graph
from safelight_local.diagram.layout import Box, Layout, Line, Point, lay_out
from safelight_local.diagram.style import STYLE_SHEET
from safelight_local.diagram.text import as_attribute, as_content

_BORDER = 16
"""Space in pixels around the graph, within the panel that keeps it legible on a page of any colour."""

_NAME_HEIGHT, _SUBTITLE_HEIGHT, _LABEL_HEIGHT = 16.0, 14.0, 13.0
_ARROW_LENGTH, _ARROW_HALF_WIDTH = 7.0, 2.6
_KEPT = 64
_TYPES = ("Task", "Map", "Parallel", "Choice", "Wait", "Pass", "Succeed", "Fail")


def draw(definition: object) -> str:
    """Draw a definition as it flows, from top to bottom.

    `definition`: ASL, as read from JSON: with JSONata or JSONPath, and placeholders such as ``${ResizerFunctionArn}``
    or not.

    Result: SVG of its own size in pixels, with no reference to anything outside it, light or dark as its viewer is; the
    same for the same definition. The root has the class ``workflow-diagram``. Each state, those within a Map or a
    Parallel too, is a ``<g class="node state task" data-state="Its name" data-type="Task">`` with a title, a ``rect``
    and texts; each line a ``<g class="edge next" data-source="..." data-target="...">``. The pictures of the last 64
    definitions are kept, so that another call costs nothing. Raises UserError as for `parse` and `lay_out`.
    """
    return _drawn(json.dumps(definition))


@functools.lru_cache(maxsize=_KEPT)
def _drawn(definition: str) -> str:
    machine = parse(json.loads(definition))
    graph = to_graph(machine)
    return _picture(machine, graph=graph, layout=lay_out(graph.dot))


def _picture(machine: Machine, *, graph: Graph, layout: Layout) -> str:
    width, height = (math.ceil(side) + 2 * _BORDER for side in (layout.width, layout.height))
    clusters = [name for name, state in graph.states.items() if state.branches]
    boxes = {state.name: layout.boxes[name] for name, state in graph.states.items()}
    edges = graph.edges.items()
    nodes = [name for name, state in graph.states.items() if not state.branches]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="workflow-diagram" width="{width}" height="{height}"'
            f' viewBox="{-_BORDER} {-_BORDER} {width} {height}" role="img"'
            ' aria-labelledby="diagram-title" aria-describedby="diagram-description">',
            f'<title id="diagram-title">{as_content(machine.comment or "State machine")}</title>',
            f'<desc id="diagram-description">{as_content(_description(machine))}</desc>',
            f"<style>{STYLE_SHEET}</style>",
            f'<rect class="panel" x="{-_BORDER + 0.5}" y="{-_BORDER + 0.5}" width="{width - 1}" height="{height - 1}"'
            ' rx="10"/>',
            *([_frame(layout.boxes[FRAME])] if FRAME in layout.boxes else []),
            *(_cluster(graph.states[name], box=layout.boxes[name]) for name in clusters),
            *(_stub(state, line=layout.lines[name]) for name, state in graph.stubs.items()),
            *(_edge(edge, line=layout.lines.get(name) or _straight(edge, boxes=boxes)) for name, edge in edges),
            *(_mark(kind, box=layout.boxes[name]) for name, kind in graph.marks.items()),
            *(_node(graph.states[name], box=layout.boxes[name]) for name in nodes),
            "</svg>\n",
        ]
    )


def _node(state: State, *, box: Box) -> str:
    names = name_lines(state)
    middle = box.left + box.width / 2
    top = box.top + (box.height - len(names) * _NAME_HEIGHT - _SUBTITLE_HEIGHT) / 2
    return "\n".join(
        [
            f"{_state_group(state, kind='node')}{_rectangle(box, radius=6)}",
            *_texts(names, x=middle, top=top, line_height=_NAME_HEIGHT, kind="name"),
            *_texts(
                [subtitle(state)],
                x=middle,
                top=top + len(names) * _NAME_HEIGHT,
                line_height=_SUBTITLE_HEIGHT,
                kind="subtitle",
            ),
            "</g>",
        ]
    )


def _cluster(state: State, *, box: Box) -> str:
    names = name_lines(state)
    left, top = box.left + 12, box.top + 6
    return "\n".join(
        [
            f"{_state_group(state, kind='cluster')}{_rectangle(box, radius=8)}",
            *_texts(names, x=left, top=top, line_height=_NAME_HEIGHT, kind="name"),
            *_texts(
                [subtitle(state)],
                x=left,
                top=top + len(names) * _NAME_HEIGHT,
                line_height=_SUBTITLE_HEIGHT,
                kind="subtitle",
            ),
            "</g>",
        ]
    )


def _state_group(state: State, *, kind: str) -> str:
    of_type = "fail" if raises_error(state) else state.type.lower() if state.type in _TYPES else "unknown"
    return (
        f'<g class="{kind} state {of_type}" data-state="{as_attribute(state.name)}"'
        f' data-type="{as_attribute(state.type)}">'
        f"<title>{as_content(f'{state.name} ({subtitle(state)})')}</title>"
    )


def _edge(edge: Edge, *, line: Line) -> str:
    words = f"{edge.source} to {edge.target}" + (f": {edge.label}" if edge.label else "")
    labels: list[str] = []
    if line.label is not None and edge.label_lines:
        top = line.label[1] - len(edge.label_lines) * _LABEL_HEIGHT / 2
        # The two spaces that keep words off their line are part of what Graphviz has centred.
        labels = _texts(edge.label_lines, x=line.label[0] + 3, top=top, line_height=_LABEL_HEIGHT, kind="label")
    return "\n".join(
        [
            f'<g class="edge {edge.kind.value}" data-source="{as_attribute(edge.source)}"'
            f' data-target="{as_attribute(edge.target)}"><title>{as_content(words)}</title>{_curve(line)}',
            *labels,
            "</g>",
        ]
    )


def _stub(state: str, *, line: Line) -> str:
    return f'<g class="edge stub" data-state-end="{as_attribute(state)}">{_curve(line)}</g>'


def _straight(edge: Edge, *, boxes: dict[str, Box]) -> Line:
    source, target = boxes[edge.source], boxes[edge.target]
    start = (source.left + source.width / 2, source.top + source.height)
    tip = (target.left + target.width / 2, target.top)
    return Line(points=(start, start, tip, tip), tip=tip, label=((start[0] + tip[0]) / 2, (start[1] + tip[1]) / 2))


def _curve(line: Line) -> str:
    start, *rest = line.points
    pieces = " ".join(_at(point) for point in rest)
    return f'<path d="M{_at(start)} C{pieces} L{_at(line.tip)}"/>{_arrow(line)}'


def _arrow(line: Line) -> str:
    """Write the head of an arrow, in the direction from the end of the curve to where it points."""
    tip = line.tip
    end = next((point for point in reversed(line.points) if math.dist(point, tip) > 1), line.points[0])
    distance = math.dist(end, tip) or 1.0
    along = ((tip[0] - end[0]) / distance, (tip[1] - end[1]) / distance)
    base = (tip[0] - along[0] * _ARROW_LENGTH, tip[1] - along[1] * _ARROW_LENGTH)
    aside = (-along[1] * _ARROW_HALF_WIDTH, along[0] * _ARROW_HALF_WIDTH)
    corners = (tip, (base[0] + aside[0], base[1] + aside[1]), (base[0] - aside[0], base[1] - aside[1]))
    return f'<polygon points="{" ".join(_at(corner) for corner in corners)}"/>'


def _mark(kind: str, *, box: Box) -> str:
    x, y = box.left + box.width / 2, box.top + box.height / 2
    ring = f'<circle class="ring" cx="{_number(x)}" cy="{_number(y)}" r="9"/>' if kind == "end" else ""
    return f'<g class="mark {kind}">{ring}<circle cx="{_number(x)}" cy="{_number(y)}" r="5"/></g>'


def _frame(box: Box) -> str:
    text = f'<text class="subtitle" text-anchor="end" x="{_number(box.left + box.width - 14)}"'
    return (
        f'<g class="frame">{_rectangle(box, radius=8)}'
        f'{text} y="{_number(box.top + 17)}">{as_content(FRAME_LABEL)}</text></g>'
    )


def _rectangle(box: Box, *, radius: int) -> str:
    return (
        f'<rect x="{_number(box.left)}" y="{_number(box.top)}" width="{_number(box.width)}"'
        f' height="{_number(box.height)}" rx="{radius}"/>'
    )


def _texts(lines: list[str], *, x: float, top: float, line_height: float, kind: str) -> list[str]:
    return [
        f'<text class="{kind}" x="{_number(x)}" y="{_number(top + line_height * (number + 0.77))}">'
        f"{as_content(line)}</text>"
        for number, line in enumerate(lines)
    ]


def _at(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _description(machine: Machine) -> str:
    """Describe the picture in sentences, for screen readers."""
    sentences = [f"Starts at {machine.start}."]
    for state in every_state(machine):
        ways = [f"{way.label or 'then'}: {way.target}" for way in state.ways]
        if ends(state) or not ways:
            ways.append("the end")
        within = "".join(f" From {branch.start} on, within it." for branch in state.branches)
        sentences.append(f"{state.name} ({subtitle(state)}) - {'; '.join(ways)}.{within}")
    return " ".join(sentences)
