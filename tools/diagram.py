"""Draw state machine definitions as pictures that can be looked at in a README.

``python tools/diagram.py DEFINITION PICTURE ...`` reads ASL and writes SVG, laid out by Graphviz; the same definition
gives the same bytes. What is drawn is the flow. The state that takes the errors of all tasks, the error handler,
hangs by one line from a frame around those tasks; a catch that leads where the state leads anyway is left out. A Map
is one box, which says what it does with each item.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GRAPHVIZ = ROOT / "node_modules" / "@viz-js" / "viz"
PICTURES = {
    definition: ROOT / "docs" / "images" / f"image-workflow-{definition.name.removesuffix('.asl.json')}.svg"
    for definition in sorted((ROOT / "statemachines" / "image_workflow").glob("*.asl.json"))
}

SERVICES = {"lambda": "Lambda", "dynamodb": "DynamoDB", "events": "EventBridge"}
ERRORS = {"RejectedImage": "rejected image", "DynamoDB.ConditionalCheckFailedException": "already recorded"}

INK, MUTED, LINE, REJECTION, CATCH, FRAME = "#1f2933", "#5f6b79", "#66788c", "#d3a64a", "#98a3b0", "#c3ccd6"
PANEL, PANEL_OUTLINE = "#ffffff", "#d8dee4"
# Fill and outline of each type of state.
COLOURS = {
    "Task": ("#e8f1fb", "#5b8fc7"),
    "Map": ("#e8f1fb", "#5b8fc7"),
    "Choice": ("#fdf3dc", "#cf9f3a"),
    "Pass": ("#f1f3f5", "#93a0ad"),
    "Succeed": ("#e2f4e7", "#55a571"),
    "Fail": ("#fbe5e5", "#cb6464"),
}
# Space in pixels around the graph, within the panel that keeps it legible on a dark page.
BORDER = 16
# Graphviz gives both lines of a state one style, and lets lines run through labels.
STYLE_SHEET = f"""<style>
text {{ font-family: Helvetica, Arial, sans-serif }}
.node text {{ font-weight: 600 }}
.node text + text {{ font-weight: 400; font-size: 11px; fill: {MUTED} }}
.edge text {{ paint-order: stroke; stroke: {PANEL}; stroke-width: 4px; stroke-linejoin: round }}
</style>"""


class DrawingError(Exception):
    """A picture cannot be drawn; the message says what to do in one line."""


class Kind(Enum):
    """How a state leads to another."""

    NEXT = "next"
    CHOICE = "choice"
    DEFAULT = "default"
    CATCH = "catch"
    ANEW = "anew"


# The weights make the way of an accepted image a straight line; all rejections meet in one point.
LINE_STYLES = {
    Kind.NEXT: "weight=20",
    Kind.CHOICE: "weight=4",
    Kind.DEFAULT: f'color="{REJECTION}"',
    Kind.CATCH: f'style=dashed penwidth=0.8 color="{CATCH}" fontcolor="{MUTED}"',
    Kind.ANEW: f'style=dotted constraint=false color="{CATCH}" fontcolor="{MUTED}"',
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line from one state to another, and the words on it."""

    source: str
    target: str
    kind: Kind
    label: str = ""


def in_words(condition: str) -> str:
    """Say a JSONata condition as people would: its literals, or what it asks of a variable."""
    parts = condition.removeprefix("{% ").removesuffix(" %}").split(" or ")
    words = [_part_in_words(part) for part in parts]
    return condition if None in words else ", ".join(filter(None, words))


def _part_in_words(part: str) -> str | None:
    if literals := re.findall(r"'([^']*)'", part):
        return ", ".join(literals)
    if name := re.fullmatch(r"\$exists\(\$(\w+)[\w.]*\)", part):
        return f"there is a {name[1]}"
    if name := re.fullmatch(r"\$[\w.]*?(\w+) = null", part):
        return f"no {name[1]}"
    name = re.fullmatch(r"\$[\w.]*?(\w+)(?: = true)?", part)
    return name[1] if name else None


def raises_error(state: dict[str, Any]) -> bool:
    """Tell whether a state that only passes on ends the execution with an error, unless that is redriven."""
    return state["Type"] == "Pass" and "$error(" in state.get("Output", "")


def lines_of(states: dict[str, Any]) -> Iterator[Line]:
    for source, state in states.items():
        if "Next" in state:
            again = raises_error(state)
            yield Line(
                source=source,
                target=state["Next"],
                kind=Kind.ANEW if again else Kind.NEXT,
                label="redriven" if again else "",
            )
        for choice in state.get("Choices", []):
            yield Line(source=source, target=choice["Next"], kind=Kind.CHOICE, label=in_words(choice["Condition"]))
        if "Default" in state:
            yield Line(source=source, target=state["Default"], kind=Kind.DEFAULT, label="otherwise")
        for catch in state.get("Catch", []):
            label = ", ".join(ERRORS.get(error, error) for error in catch["ErrorEquals"])
            if catch["Next"] != state.get("Next"):
                yield Line(source=source, target=catch["Next"], kind=Kind.CATCH, label=label)


def error_handler(states: dict[str, Any], *, start: str) -> str:
    """Return the state that the first state leaves every error to."""
    for catch in states[start].get("Catch", []):
        if catch["ErrorEquals"] == ["States.ALL"]:
            return str(catch["Next"])
    raise DrawingError(f"{start} has no catch of States.ALL: give it one, which all tasks share")


def framed_states(states: dict[str, Any], *, start: str, handler: str) -> set[str]:
    """Return the states that an execution in which nothing breaks can pass through."""
    lines = list(lines_of(states))
    found: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in found and name != handler:
            found.add(name)
            ahead += [line.target for line in lines if line.source == name]
    caught = {line.source for line in lines if line.target == handler}
    for name in sorted(found - caught):
        if states[name]["Type"] in ("Task", "Map"):
            raise DrawingError(f"{name} leaves no error to {handler}: catch States.ALL there as the other tasks do")
    return found


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def subtitle(state: dict[str, Any]) -> str:
    """Say what a state is: the call that a task makes, or else its type."""
    if "ItemProcessor" in state:
        inner = state["ItemProcessor"]["States"]
        caught = {catch["Next"] for one in inner.values() for catch in one.get("Catch", [])}
        made = [f"{'else ' if name in caught else ''}{name} ({subtitle(one)})" for name, one in inner.items()]
        return "\n".join(["for each, side by side:", *made])
    if raises_error(state):
        return "raises the error"
    if "Resource" not in state:
        return str(state["Type"])
    service, action = state["Resource"].split(":")[-2:]
    name = SERVICES.get(service, service)
    return name if action == "invoke" else f"{name} {action[0].upper()}{action[1:]}"


def node(name: str, state: dict[str, Any]) -> str:
    fill, outline = COLOURS["Fail" if raises_error(state) else state["Type"]]
    label = quoted(f"{name}\n{subtitle(state)}")
    # A group of its own keeps the mark of its end right below it.
    return f'{quoted(name)} [label={label} group={quoted(name)} fillcolor="{fill}" color="{outline}"]'


def flow(lines: list[Line], *, framed: set[str], handler: str) -> Iterator[str]:
    """Write the lines between states, and which states stand side by side."""
    beside: dict[str, str] = {}
    for line in lines:
        if line.kind is Kind.CATCH and line.target == handler and line.source in framed:
            continue
        style = LINE_STYLES[line.kind]
        leads_on = any(other.source == line.target for other in lines)
        meeting_point = leads_on and sum(other.target == line.target for other in lines) > 1
        if line.kind is Kind.DEFAULT and leads_on:
            style += " headport=n"
        if line.target == handler and line.kind is not Kind.CATCH:
            style += " weight=0"
        if line.kind is Kind.CATCH and line.source in framed and meeting_point:
            # Beside the last state that rejects by an error: all that reject stand above or beside it.
            style += " weight=0"
            beside[line.target] = line.source
        label = quoted(f"  {line.label}")
        # A line that nothing makes room for has words that nothing makes room for.
        place = "xlabel" if line.kind is Kind.ANEW else "label"
        yield f"{quoted(line.source)} -> {quoted(line.target)} [{style} {place}={label}]"
    yield from (f"{{rank=same {quoted(target)} {quoted(source)}}}" for target, source in beside.items())


def graph(definition: dict[str, Any]) -> str:
    """Write a definition in DOT, the language of Graphviz."""
    states: dict[str, Any] = definition["States"]
    start = definition["StartAt"]
    handler = error_handler(states, start=start)
    framed = framed_states(states, start=start, handler=handler)
    ends = [name for name, state in states.items() if state.get("End")]
    mark = f'shape=circle label="" width=0.14 fillcolor="{LINE}" color="{LINE}"'
    # Graphviz knows how wide Helvetica's letters are without having it. The margins leave room for wider fonts.
    font = "fontname=Helvetica"
    text = [
        "digraph {",
        "graph [newrank=true compound=true bgcolor=transparent nodesep=0.45 ranksep=0.26"
        f' {font} fontsize=11 fontcolor="{MUTED}"]',
        f'node [shape=box style="rounded,filled" penwidth=1.2 margin="0.3,0.07" {font} fontsize=13 fontcolor="{INK}"]',
        f'edge [color="{LINE}" arrowsize=0.7 {font} fontsize=11 fontcolor="{INK}"]',
        "subgraph cluster_caught {",
        f'graph [style="rounded,dashed" color="{FRAME}" margin=20 labeljust=r',
        'label="any error in a task, after its retries    "]',
        f'"start" [{mark}]',
        *(f"{quoted(f'end of {name}')} [{mark} group={quoted(name)} peripheries=2]" for name in ends),
        *(node(name, state) for name, state in states.items() if name in framed),
        "}",
        *(node(name, state) for name, state in states.items() if name not in framed),
        f'"start" -> {quoted(start)}',
        *flow(list(lines_of(states)), framed=framed, handler=handler),
        *(f"{quoted(name)} -> {quoted(f'end of {name}')} [weight=20]" for name in ends),
        f"{quoted(start)} -> {quoted(handler)} [{LINE_STYLES[Kind.CATCH]} ltail=cluster_caught]",
        f"{{rank=same {quoted(start)} {quoted(handler)}}}",
        "}",
    ]
    return "\n".join(text)


def description(definition: dict[str, Any]) -> str:
    """Say in sentences what the picture shows, for those who cannot see it."""
    states: dict[str, Any] = definition["States"]
    sentences = [f"Starts at {definition['StartAt']}."]
    for name, state in states.items():
        ways = [
            f"{'any error' if line.label == 'States.ALL' else line.label or 'then'}: {line.target}"
            for line in lines_of({name: state})
        ]
        if state.get("End") or not ways:
            ways.append("the end")
        what = subtitle(state).replace("\n", ", ")
        sentences.append(f"{name} ({what}) - {'; '.join(ways)}.")
    return " ".join(sentences)


def lay_out(dot: str) -> str:
    """Return the SVG that Graphviz makes of a graph."""
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    nodejs = shutil.which("node", path=folders)
    if nodejs is None or not GRAPHVIZ.is_dir():
        raise DrawingError("Node.js or the npm package @viz-js/viz is not installed: run 'make setup'")
    command = [nodejs, str(Path(__file__).with_name("diagram.mjs"))]
    result = subprocess.run(command, input=dot, capture_output=True, encoding="utf-8", check=False)
    if result.returncode != 0:
        raise DrawingError(f"Graphviz could not draw this:\n{result.stderr}")
    return result.stdout


def draw(definition: dict[str, Any]) -> str:
    """Return the picture of a definition: SVG of its own size, with no reference to anything outside it."""
    if "States" not in definition:
        raise DrawingError("this is no state machine definition: it has no States")
    svg = lay_out(graph(definition))
    size = re.search(r'viewBox="0\.00 0\.00 ([\d.]+) ([\d.]+)"', svg)
    if size is None:
        raise DrawingError("Graphviz wrote SVG of a form that is not known here: pin the version of package-lock.json")
    width, height = (round(float(side)) + 2 * BORDER for side in size.groups())
    header = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="{-BORDER} {-BORDER} {width} {height}" role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(definition.get("Comment", "State machine"), quote=False)}</title>',
        f'<desc id="description">{escape(description(definition), quote=False)}</desc>',
        STYLE_SHEET,
        f'<rect x="{-BORDER + 0.5}" y="{-BORDER + 0.5}" width="{width - 1}" height="{height - 1}" rx="10"'
        f' fill="{PANEL}" stroke="{PANEL_OUTLINE}"/>',
    ]
    return "\n".join([*header, svg[svg.index('<g id="graph0"') :]])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Draw state machine definitions (ASL) as SVG.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="DEFINITION PICTURE", help="what to read, what to write")
    parser.add_argument("--all", action="store_true", help="draw every released definition into docs/images")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a picture is out of date")
    options = parser.parse_args(arguments)
    if len(options.paths) % 2 or bool(options.paths) == options.all:
        parser.error("give pairs of a definition and a picture, or --all")
    pairs = PICTURES if options.all else dict(zip(options.paths[::2], options.paths[1::2], strict=True))
    stale = 0
    for source, target in pairs.items():
        try:
            picture = draw(json.loads(source.read_text(encoding="utf-8")))
        except (DrawingError, OSError, ValueError) as error:
            print(f"{source}: {error}", file=sys.stderr)
            return 2
        if target.is_file() and target.read_text(encoding="utf-8") == picture:
            continue
        if options.check:
            stale = 1
            print(f"{target} is not what {source} says: draw it again without --check", file=sys.stderr)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(picture, encoding="utf-8")
        print(f"drew {target}")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
