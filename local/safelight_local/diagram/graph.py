"""Writes a state machine as a graph in DOT, the language of Graphviz.

What is drawn is the flow. Where most tasks leave all errors to one state, the error handler, it hangs by one line from
a frame around those tasks; every other catch is a line of its own.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from safelight_local.diagram.definition import ANY_ERROR, Kind, Machine, State, Transition, ends, every_state, subtitle
from safelight_local.diagram.text import measured, wrapped

START = "start"
"""The node that marks the start."""

FRAME = "cluster_caught"
"""The frame around the states whose errors one state takes."""

FRAME_LABEL = "any error in a task, after its retries"

_NAME_WIDTH, _NAME_LINES = 32, 4
_LABEL_WIDTH, _LABEL_LINES = 18, 4
_CALLERS = ("Task", "Map", "Parallel")
_FEWEST_CAUGHT = 2
_MANY_TRANSITIONS = 250

# The weights make the way of an accepted image a straight line; all rejections meet in one point.
_WEIGHTS = {
    Kind.NEXT: "weight=20",
    Kind.CHOICE: "weight=4",
    Kind.DEFAULT: "weight=1",
    Kind.CATCH: "weight=1",
    Kind.ANEW: "constraint=false",
}
_MARK = 'shape=circle label="" fixedsize=true width=0.14'


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One or more transitions of one kind between the same two states, drawn as one line.

    `label`: all the words.
    """

    source: str
    target: str
    kind: Kind
    label: str

    @property
    def label_lines(self) -> list[str]:
        """The label of the line. A long one is cut."""
        return wrapped(self.label, width=_LABEL_WIDTH, lines=_LABEL_LINES)


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A state machine in DOT, and the states behind its names.

    `dot`: the text. It contains no state names, so hostile names cannot inject DOT.
    `states`: by their names in DOT; of a state with states within it, the cluster's.
    `edges`: by their ids in DOT. Of a graph with more than 250 transitions, only those that first lead to a state are
    in the text: Graphviz needs minutes for a thousand lines that cross a thousand states.
    `stubs`: Lines to the first states, and from the last ones, by their ids in DOT: the name of that state.
    `marks`: where a machine, or what runs within a state, starts (``start``) and ends (``end``), by their names in DOT.
    """

    dot: str
    states: dict[str, State]
    edges: dict[str, Edge]
    stubs: dict[str, str]
    marks: dict[str, str]


def name_lines(state: State) -> list[str]:
    """Break the name of a state into lines for its box."""
    return wrapped(state.name, width=_NAME_WIDTH, lines=_NAME_LINES) or ["(no name)"]


def _room(line: str) -> str:
    """Return spaces for what bold letters of DejaVu Sans, which are a quarter wider than Helvetica's, take more."""
    return " " * math.ceil(len(line) / 2)


def to_graph(machine: Machine) -> Graph:
    """Write a state machine as a graph."""
    return _Writer(machine).graph()


def error_handler(machine: Machine) -> str | None:
    """Find the state that takes every error of most tasks.

    Returns None when there are fewer than two such tasks, or when one that an execution can pass through without an
    error leaves its errors to nobody.
    """
    caught = Counter(it.target for state in machine.states for it in state.ways if _catches_all(it))
    for name, _ in caught.most_common(1):
        framed = framed_states(machine, handler=name)
        to_catch = [state for state in machine.states if state.name in framed and state.type in _CALLERS]
        caught_here = [state for state in to_catch if name in _takes_all(state)]
        if len(caught_here) >= _FEWEST_CAUGHT and all(map(_takes_all, to_catch)):
            return name
    return None


def framed_states(machine: Machine, *, handler: str) -> set[str]:
    """Find the states that an execution without errors can pass through.

    Result: Their names.
    """
    ways = {state.name: state.ways for state in machine.states}
    found: set[str] = set()
    ahead = [machine.start]
    while ahead:
        name = ahead.pop()
        if name not in found and name != handler:
            found.add(name)
            ahead += [it.target for it in ways[name] if not _catches_all(it)]
    return found


def _takes_all(state: State) -> set[str]:
    """Return the states that catch all errors of a state."""
    return {it.target for it in state.ways if _catches_all(it)}


def _catches_all(way: Transition) -> bool:
    return way.kind is Kind.CATCH and way.label == ANY_ERROR


class _Writer:
    """Numbers the states, and writes them and the lines between them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        everything = list(every_state(machine))
        self._number = {state.name: number for number, state in enumerate(everything)}
        self._outermost = {state.name for state in machine.states}
        self._within = {state.name for state in everything if state.branches}
        self._many = sum(len(state.ways) for state in everything) > _MANY_TRANSITIONS
        self._states: dict[str, State] = {}
        self._edges: dict[str, Edge] = {}
        self._stubs: dict[str, str] = {}
        self._marks: dict[str, str] = {}

    def graph(self) -> Graph:
        # Graphviz knows how wide Helvetica's letters are without having it. The spaces of `_room` are for wider fonts.
        font = "fontname=Helvetica"
        # A thousand states are laid out in seconds with straight lines, and with fewer rounds of putting them straight.
        hurry = " splines=line nslimit=1 nslimit1=1 mclimit=0.1" if self._many else ""
        text = [
            "digraph {",
            f"graph [newrank=true compound=true nodesep=0.2 ranksep=0.3 {font} fontsize=13{hurry}]",
            f'node [shape=box margin="0.13,0.07" {font} fontsize=13]',
            f"edge [{font} fontsize=11]",
            *self._machine_text(),
            "}",
        ]
        return Graph(dot="\n".join(text), states=self._states, edges=self._edges, stubs=self._stubs, marks=self._marks)

    def _machine_text(self) -> Iterator[str]:
        machine = self._machine
        handler = error_handler(machine)
        framed = framed_states(machine, handler=handler) if handler else set()
        self._marks[START] = "start"
        if framed:
            yield f"subgraph {FRAME} {{"
            yield f'graph [margin=20 labeljust=r fontsize=11 label="{measured(FRAME_LABEL)}    "]'
        yield f"{START} [{_MARK}]"
        for state in machine.states:
            if state.name in framed or not framed:
                yield from self._state(state)
        if framed:
            yield "}"
            for state in machine.states:
                if state.name not in framed:
                    yield from self._state(state)
        yield self._stub(START, self._entry(machine.start), state=machine.start, attributes=self._lhead(machine.start))
        edges = _merged(machine)
        shown = [it for it in edges if not (it.kind is Kind.CATCH and it.target == handler and it.source in framed)]
        yield from self._lines(
            shown,
            styles=[self._style(edge, edges=edges, framed=framed, handler=handler) for edge in shown],
            start=machine.start,
        )
        yield from self._side_by_side(edges, framed=framed, handler=handler)
        if handler:
            edge = Edge(source=machine.start, target=handler, kind=Kind.CATCH, label="")
            yield self._edge(edge, style=f"{_WEIGHTS[Kind.CATCH]} ltail={FRAME}")
            yield f"{{rank=same {self._entry(machine.start)} {self._entry(handler)}}}"

    def _state(self, state: State) -> Iterator[str]:
        """Write a state: a box, or a cluster of all that runs within it, between the points where lines meet it."""
        number = self._number[state.name]
        label = "\\n".join([*(measured(line) + _room(line) for line in name_lines(state)), measured(subtitle(state))])
        if not state.branches:
            self._states[f"s{number}"] = state
            # A group of its own keeps the mark of its end right below it.
            yield f's{number} [label="{label}" group=g{number}]'
            if state.body.get("End") is True and state.name in self._outermost:
                yield from self._end_mark(f"s{number}", state=state)
            return
        self._states[f"cluster_{number}"] = state
        yield f'subgraph cluster_{number} {{ graph [label="{label}" labeljust=l margin=14]'
        self._marks |= {f"in{number}": "start", f"out{number}": "end"}
        yield f"in{number} [{_MARK}] out{number} [{_MARK} peripheries=2]"
        yield f"in{number} -> out{number} [style=invis weight=0]"
        for branch in state.branches:
            yield from self._branch(branch, number=number)
        yield "}"
        if state.body.get("End") is True and state.name in self._outermost:
            yield from self._end_mark(f"out{number}", state=state)

    def _branch(self, branch: Machine, *, number: int) -> Iterator[str]:
        for state in branch.states:
            yield from self._state(state)
        yield self._stub(
            f"in{number}", self._entry(branch.start), state=branch.start, attributes=self._lhead(branch.start)
        )
        edges = _merged(branch)
        yield from self._lines(edges, styles=[_WEIGHTS[edge.kind] for edge in edges], start=branch.start)
        for state in branch.states:
            if ends(state):
                yield self._stub(
                    self._exit(state.name), f"out{number}", state=state.name, attributes=self._ltail(state.name)
                )
            elif not state.ways:
                yield f"{self._exit(state.name)} -> out{number} [style=invis]"

    def _end_mark(self, node: str, *, state: State) -> Iterator[str]:
        number = self._number[state.name]
        self._marks[f"end{number}"] = "end"
        yield f"end{number} [{_MARK} group=g{number} peripheries=2]"
        yield self._stub(node, f"end{number}", state=state.name, attributes=self._ltail(state.name))

    def _stub(self, tail: str, head: str, *, state: str, attributes: str) -> str:
        name = f"t{len(self._stubs)}"
        self._stubs[name] = state
        return f"{tail} -> {head} [id={name} weight=20{attributes}]"

    def _lines(self, edges: list[Edge], *, styles: list[str], start: str) -> Iterator[str]:
        needed = _first_to_lead_to_a_state(edges, start=start) if self._many else edges
        for edge, style in zip(edges, styles, strict=True):
            line = self._edge(edge, style=style)
            if edge in needed:
                yield line

    def _edge(self, edge: Edge, *, style: str) -> str:
        name = f"e{len(self._edges)}"
        self._edges[name] = edge
        # Graphviz reserves no space for such an edge, nor for its label.
        place = "xlabel" if edge.kind is Kind.ANEW else "label"
        label = "\\n".join(f"  {measured(line)}" for line in edge.label_lines)
        ends_at = self._lhead(edge.target) + ("" if "ltail" in style else self._ltail(edge.source))
        return f'{self._exit(edge.source)} -> {self._entry(edge.target)} [id={name} {style}{ends_at} {place}="{label}"]'

    def _style(self, edge: Edge, *, edges: list[Edge], framed: set[str], handler: str | None) -> str:
        style = _WEIGHTS[edge.kind]
        if edge.kind is Kind.DEFAULT and edge.target not in self._within and _leads_on(edge.target, edges=edges):
            style += " headport=n"
        if edge.target == handler and edge.kind is not Kind.CATCH:
            style += " weight=0"
        if framed and edge.kind is Kind.CATCH and edge.source not in framed:
            # An error after an error does not affect the placement of the states above.
            style += " constraint=false"
        if _meets(edge, edges=edges, framed=framed):
            style += " weight=0"
        return style

    def _side_by_side(self, edges: list[Edge], *, framed: set[str], handler: str | None) -> Iterator[str]:
        """Place a state that rejects by an error beside the last such state."""
        beside = {
            edge.target: edge.source
            for edge in edges
            if edge.target != handler and _meets(edge, edges=edges, framed=framed)
        }
        for target, source in beside.items():
            yield f"{{rank=same {self._entry(target)} {self._exit(source)}}}"

    def _entry(self, name: str) -> str:
        number = self._number[name]
        return f"in{number}" if name in self._within else f"s{number}"

    def _exit(self, name: str) -> str:
        number = self._number[name]
        return f"out{number}" if name in self._within else f"s{number}"

    def _lhead(self, name: str) -> str:
        return f" lhead=cluster_{self._number[name]}" if name in self._within else ""

    def _ltail(self, name: str) -> str:
        return f" ltail=cluster_{self._number[name]}" if name in self._within else ""


def _merged(machine: Machine) -> list[Edge]:
    words: dict[tuple[str, str, Kind], list[str]] = {}
    for state in machine.states:
        for it in state.ways:
            words.setdefault((it.source, it.target, it.kind), []).append(it.label)
    return [
        Edge(source=source, target=target, kind=kind, label=" or ".join(filter(None, labels)))
        for (source, target, kind), labels in words.items()
    ]


def _first_to_lead_to_a_state(edges: list[Edge], *, start: str) -> set[Edge]:
    """Choose the lines of a tree from the start on, by the fewest states."""
    of_source: dict[str, list[Edge]] = {}
    for edge in edges:
        of_source.setdefault(edge.source, []).append(edge)
    found: set[Edge] = set()
    reached = [start]
    seen = {start}
    for name in reached:
        for edge in of_source.get(name, []):
            if edge.target not in seen:
                found.add(edge)
                seen.add(edge.target)
                reached.append(edge.target)
    return found


def _leads_on(name: str, *, edges: list[Edge]) -> bool:
    return any(edge.source == name for edge in edges)


def _meets(edge: Edge, *, edges: list[Edge], framed: set[str]) -> bool:
    """Return whether a catch leads to a state where other edges meet, and which leads on."""
    return (
        edge.kind is Kind.CATCH
        and edge.source in framed
        and sum(other.target == edge.target for other in edges) > 1
        and _leads_on(edge.target, edges=edges)
    )
