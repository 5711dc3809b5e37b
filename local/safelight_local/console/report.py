"""Writes one execution as a self-contained HTML file that you can send to somebody."""

import base64
import io
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from PIL import Image, ImageOps

from safelight_contracts.records import Attribute
from safelight_local.aws.clients import Clients
from safelight_local.aws.executions import RUNNING
from safelight_local.console.explanation import in_words
from safelight_local.console.markup import Markup, joined, tag, trusted, void
from safelight_local.console.pictures import NoPictureError, Picture, open_picture
from safelight_local.console.privacy import without_senders
from safelight_local.console.traced import trace, without_style_sheet
from safelight_local.console.view import View, view_as_json
from safelight_local.diagram import draw
from safelight_local.diagram.style import STYLE_SHEET

_LONGEST_SIDE = 1280
_QUALITY = 80
_MOST_BYTES = 100 * 1024 * 1024
_MOST_PIXELS = 100_000_000
_MOST_PICTURES = 12
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; background: var(--surface); min-height: 100vh }
summary.visit { list-style: none; cursor: pointer } summary.visit::-webkit-details-marker { display: none }
.io { padding: 8px 10px 14px } .io h5 { margin: 8px 0 4px; font-size: 12px; color: var(--muted) }
.steps { position: static } footer { margin-top: 40px; color: var(--muted); font-size: 12px }
@media print { .stage { overflow: visible; max-height: none } }
"""
_BY_ANOTHER = "Another execution wrote the record of this upload: "
_OUTCOMES = {"NOT RECORDED": "Not recorded"}


def report(clients: Clients, *, view: View, definition: Mapping[str, Any], clean: Callable[[Any], Any]) -> str:
    """Write a view as HTML.

    Parameters
    ----------
    clients : Clients
        Where its pictures are.
    view : View
        The execution.
    definition : Mapping
        The definition that it ran with.
    clean : Callable[[Any], Any]
        Takes each value that is shown, and gives what may be: `without_positions`, or the value itself.

    Returns
    -------
    str
        A document without scripts, with no reference to anything outside it, and without the sender of the upload. Its
        pictures are at most 1,280 pixels wide and high, and without metadata.
    """
    shown = clean(without_senders(view_as_json(view, diagram="")))
    title = shown["key"] or shown["name"]
    found = [{"name": check["check"]} | box for check in shown["checks"] for box in check["boxes"]]
    boxes = [*found, *shown["covered"]]
    seen = "analysis" if any(it.name == "analysis" for it in view.pictures) else "upload"
    pictures = [
        _figure(clients, picture=it, boxes=boxes if it.name == seen else []) for it in view.pictures[:_MOST_PICTURES]
    ]
    svg = trace(without_style_sheet(draw(definition)), visits=view.visits)
    head = tag(
        "head",
        trusted('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        trusted(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", f"{title} - Safelight"),
        tag("style", trusted(_style_sheets())),
    )
    body = tag(
        "main",
        _heading(shown),
        tag("div", *pictures, class_="pictures"),
        tag(
            "section",
            tag("h3", "Path"),
            tag(
                "div",
                tag("div", tag("div", trusted(svg), class_="stage"), class_="graph"),
                tag("div", tag("h4", "States"), tag("ol", *(_step(it) for it in shown["visits"])), class_="steps"),
                class_="path",
            ),
        ),
        _checks(shown["checks"]),
        _record(shown["record"]),
        tag("footer", f"Written by safelight show. Execution {shown['arn']}"),
    )
    return "<!doctype html>\n" + tag("html", head, tag("body", body), lang="en") + "\n"


def _style_sheets() -> str:
    return STYLE_SHEET + (files("safelight_local.console") / "page" / "view.css").read_text(encoding="utf-8") + _STYLE


def _heading(shown: Mapping[str, Any]) -> Markup:
    outcome = RUNNING if shown["running"] else shown["outcome"]
    words = _OUTCOMES.get(outcome, outcome.capitalize())
    facts = {
        "Place type": shown["placeType"],
        "Duration": _seconds(shown["seconds"]),
        "Status": shown["status"],
        "Workflow": shown["workflow"],
        "Execution": shown["name"],
    }
    # Written from the values that may be shown: the view's own words still have the positions.
    detail = (shown["record"] or {}).get(Attribute.DETAIL) if shown["recordedHere"] else shown["cause"]
    return tag(
        "div",
        tag(
            "h2",
            tag("span", words, class_=f"outcome o-{outcome.lower().replace(' ', '-')}"),
            tag("span", shown["key"] or shown["name"], class_="key"),
        ),
        tag("p", tag("strong", shown["reason"]), in_words(detail), class_="why") if shown["reason"] else None,
        tag(
            "dl",
            *(tag("div", tag("dt", name), tag("dd", value)) for name, value in facts.items() if value),
            class_="facts",
        ),
        tag("p", _BY_ANOTHER, tag("code", shown["recordedBy"].rpartition(":")[2]), class_="hint")
        if shown["recordedBy"]
        else None,
        class_="heading",
    )


def _figure(clients: Clients, *, picture: Picture, boxes: list[dict[str, Any]]) -> Markup:
    title = {"upload": "Upload", "analysis": "What the checks looked at"}.get(
        picture.name, picture.name.removeprefix("rendition/")
    )
    size = f"{picture.width} x {picture.height}" if picture.width and picture.height else None
    facts = [size, f"{picture.bytes:,} bytes" if picture.bytes else None, picture.type]
    try:
        source = _data_uri(clients, picture=picture)
        frame = tag("span", void("img", src=source, alt=title), *(_box(it) for it in boxes), class_="sized")
    except NoPictureError as error:
        frame = tag("p", str(error), class_="no-picture")
    return tag(
        "figure",
        tag("div", frame, class_="frame"),
        tag(
            "figcaption",
            tag("strong", title),
            tag("span", "  ·  ".join(filter(None, facts)), class_="facts"),
            tag("span", picture.note, class_="removal") if picture.note else None,
        ),
        class_="picture",
    )


def _data_uri(clients: Clients, *, picture: Picture) -> str:
    opened = open_picture(clients, picture=picture)
    with opened.rest:
        if opened.length > _MOST_BYTES:
            raise NoPictureError("too large to be shown here")
        data = opened.head + opened.rest.read()
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise NoPictureError("too large to be shown here")
            image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    # Pillow raises whatever a broken file leads its decoders to.
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPictureError("not an image that can be read") from error
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A new image: no metadata of the file remains.
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode()}"


def _box(box: Mapping[str, Any]) -> Markup:
    place = ";".join(f"{side}:{box[side] * 100:.2f}%" for side in ("left", "top", "width", "height"))
    confidence = box.get("confidence")
    percent = f"{confidence:.0f} %" if isinstance(confidence, int | float) else ""
    words = f"{box['name'] or ''} {percent}".strip()
    return tag("span", tag("span", words, class_="box-label"), class_="box", style=place)


def _step(visit: Mapping[str, Any]) -> Markup:
    how = "" if visit["status"] == "passed" else str(visit["status"])
    summary = tag(
        "summary",
        tag("span", class_="dot"),
        tag("span", visit["state"], class_="state"),
        tag("span", how, class_="how"),
        tag("span", _seconds(visit["seconds"]), class_="time"),
        class_=f"visit v-{visit['status']}",
    )
    error = (
        tag("p", tag("strong", visit["error"]), f" {visit['cause'] or ''}", class_="error") if visit["error"] else None
    )
    blocks = [
        joined(tag("h5", name), tag("pre", _pretty(visit[name.lower()])))
        for name in ("Input", "Output")
        if visit[name.lower()]
    ]
    return tag("li", tag("details", summary, tag("div", error, *blocks, class_="io")))


def _checks(checks: list[dict[str, Any]]) -> Markup | None:
    if not checks:
        return None
    rows = [
        tag(
            "li",
            tag("span", _verdict(it), class_=f"verdict {'yes' if it['accepted'] else 'no'}"),
            tag("strong", str(it["check"])),
            tag("span", str(it.get("reason") or ""), class_="reason"),
            tag("span", in_words(it.get("detail")), class_="words"),
        )
        for it in checks
    ]
    return tag("section", tag("h3", "Checks"), tag("ul", *rows, class_="check-list"), class_="checks")


def _verdict(check: Mapping[str, Any]) -> str:
    if check["accepted"]:
        return "Accepted"
    return "Not made" if check.get("reason") == "CHECK_NOT_MADE" else "Rejected"


def _record(record: Mapping[str, Any] | None) -> Markup:
    if record is None:
        return tag("section", tag("h3", "Record"), tag("p", "There is no record of this upload.", class_="hint"))
    rows = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", tag("pre", _pretty(value)) if isinstance(value, dict | list) else str(value)),
        )
        for name, value in sorted(record.items())
    ]
    return tag("section", tag("h3", "Record"), tag("dl", *rows, class_="attributes"), class_="record")


def _pretty(value: object) -> str:
    try:
        return json.dumps(json.loads(value) if isinstance(value, str) else value, indent=2, ensure_ascii=False)
    except ValueError:
        return str(value)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
