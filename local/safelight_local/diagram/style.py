"""The colours of a picture, for light and dark themes."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class _Palette:
    """The colours of one theme: texts, lines, and the fill and outline of each type of state."""

    ink: str
    muted: str
    panel: str
    outline: str
    line: str
    default: str
    catch: str
    frame: str
    call: tuple[str, str]
    within: tuple[str, str]
    choice: tuple[str, str]
    passing: tuple[str, str]
    succeed: tuple[str, str]
    fail: tuple[str, str]


_LIGHT = _Palette(
    ink="#1f2933",
    muted="#5f6b79",
    panel="#ffffff",
    outline="#d8dee4",
    line="#66788c",
    default="#d3a64a",
    catch="#98a3b0",
    frame="#c3ccd6",
    call=("#e8f1fb", "#5b8fc7"),
    within=("#f5f9fe", "#5b8fc7"),
    choice=("#fdf3dc", "#cf9f3a"),
    passing=("#f1f3f5", "#93a0ad"),
    succeed=("#e2f4e7", "#55a571"),
    fail=("#fbe5e5", "#cb6464"),
)
_DARK = _Palette(
    ink="#e6edf3",
    muted="#a5b1bd",
    panel="#10161d",
    outline="#2d3843",
    line="#8696a7",
    default="#b98d35",
    catch="#6f7d8c",
    frame="#3d4a57",
    call=("#15293f", "#5b8fc7"),
    within=("#111c29", "#4a76a6"),
    choice=("#35290f", "#b98d35"),
    passing=("#222a33", "#77838f"),
    succeed=("#12301d", "#4b9a66"),
    fail=("#3b1a1c", "#c25b5b"),
)


def _colours(palette: _Palette) -> str:
    fills = {
        ".node.task": palette.call,
        ".cluster": palette.within,
        ".choice": palette.choice,
        ".node.pass": palette.passing,
        ".node.wait": palette.passing,
        ".node.unknown": palette.passing,
        ".node.succeed": palette.succeed,
        ".node.fail": palette.fail,
    }
    lines = {"": palette.line, ".default": palette.default, ".catch": palette.catch, ".anew": palette.catch}
    rules = [
        f"text {{ fill: {palette.ink} }}",
        f".subtitle, .catch text, .anew text {{ fill: {palette.muted} }}",
        f".edge text {{ stroke: {palette.panel} }}",
        f".panel {{ fill: {palette.panel}; stroke: {palette.outline} }}",
        f".frame > rect {{ fill: none; stroke: {palette.frame} }}",
        f".mark > circle {{ fill: {palette.line}; stroke: {palette.line} }}",
        ".mark > .ring { fill: none }",
    ]
    rules += [f"{selector} > rect {{ fill: {fill}; stroke: {stroke} }}" for selector, (fill, stroke) in fills.items()]
    for selector, colour in lines.items():
        rules.append(f".edge{selector} > path {{ stroke: {colour} }}")
        rules.append(f".edge{selector} > polygon {{ fill: {colour} }}")
    return "\n".join(_scoped(rule) for rule in rules)


def _scoped(rule: str) -> str:
    # On a page, the rules of the picture must not affect other elements.
    selectors, brace, rest = rule.partition(" {")
    return ", ".join(f".workflow-diagram {selector}" for selector in selectors.split(", ")) + brace + rest


_SHAPES = """
text { font: 400 11px Helvetica, Arial, sans-serif }
.name { font-size: 13px; font-weight: 600 }
.node text, .label { text-anchor: middle }
.state > rect { stroke-width: 1.2 }
.cluster > rect, .frame > rect { stroke-dasharray: 5 3 }
.edge > path { fill: none }
.edge text { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round }
.catch > path { stroke-dasharray: 5 3; stroke-width: 0.8 }
.anew > path { stroke-dasharray: 1 4 }
"""

STYLE_SHEET = "\n".join(
    [
        "",
        *(_scoped(rule) for rule in _SHAPES.strip().splitlines()),
        _colours(_LIGHT),
        "@media (prefers-color-scheme: dark) {",
        _colours(_DARK),
        "}",
        "",
    ]
)
