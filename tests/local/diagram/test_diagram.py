"""Pictures of state machines: complete, accessible, and current in the documentation."""

import copy
import itertools
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.local.diagram.definitions import HOSTILE, ORDERS, PICTURES, ROOT, read

from safelight_local.diagram import draw

SVG = "{http://www.w3.org/2000/svg}"
each_picture = pytest.mark.parametrize(
    ("definition", "picture"), PICTURES.items(), ids=lambda path: path.name.removesuffix(".asl.json")
)
V4 = next(path for path in PICTURES if path.name == "v4.asl.json")


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - written by the code under test


def groups(svg: str, *, kind: str) -> list[ElementTree.Element]:
    return [it for it in parse(svg).iter(f"{SVG}g") if kind in it.attrib.get("class", "").split()]


def states_in(svg: str) -> list[str]:
    return [it.attrib["data-state"] for it in groups(svg, kind="state")]


def edges_in(svg: str) -> list[tuple[str, str]]:
    return [
        (it.attrib["data-source"], it.attrib["data-target"])
        for it in groups(svg, kind="edge")
        if "data-source" in it.attrib
    ]


def texts_of(group: ElementTree.Element) -> list[str]:
    return [it.text or "" for it in group.iter(f"{SVG}text")]


def words_between(svg: str, source: str, target: str) -> list[str]:
    return [
        " ".join(texts_of(it))
        for it in groups(svg, kind="edge")
        if (it.attrib.get("data-source"), it.attrib.get("data-target")) == (source, target)
    ]


def all_states(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, state in definition["States"].items():
        found[name] = state
        for inner in [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            found |= all_states(inner)
    return found


@each_picture
def test_the_committed_picture_matches_the_definition(definition: Path, picture: Path) -> None:
    assert picture.read_text(encoding="utf-8") == draw(read(definition)), "run `make diagrams`"


@each_picture
def test_every_state_and_those_within_it_are_in_the_picture_and_in_its_description(
    definition: Path, picture: Path
) -> None:
    svg = picture.read_text(encoding="utf-8")
    expected = all_states(read(definition))
    assert sorted(states_in(svg)) == sorted(expected)
    description = parse(svg).findtext(f"{SVG}desc") or ""
    assert all(f"{state} (" in description for state in expected)


@each_picture
def test_every_transition_except_errors_is_an_edge(definition: Path, picture: Path) -> None:
    drawn = edges_in(picture.read_text(encoding="utf-8"))
    for name, state in all_states(read(definition)).items():
        ways = [state.get("Next"), state.get("Default"), *(choice["Next"] for choice in state.get("Choices", []))]
        assert all((name, target) in drawn for target in ways if target)


@each_picture
def test_a_picture_has_no_external_reference_and_has_a_title(definition: Path, picture: Path) -> None:
    svg = picture.read_text(encoding="utf-8")
    root = parse(svg)
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == read(definition)["Comment"]
    assert re.findall(r"https?://[^\"]*|href|url\(|@import", svg) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=lambda path: path.stem)
def test_a_picture_fits_a_page_1000_pixels_wide(picture: Path) -> None:
    assert int(parse(picture.read_text(encoding="utf-8")).attrib["width"]) <= 1000


def test_a_picture_has_dark_colours_that_do_not_affect_the_page() -> None:
    style = parse(draw(ORDERS)).findtext(f"{SVG}style") or ""
    assert "@media (prefers-color-scheme: dark)" in style
    selectors = re.findall(r"^([^@}\n][^{\n]*)\{", style, re.MULTILINE)
    assert selectors
    assert all(part.strip().startswith(".workflow-diagram ") for it in selectors for part in it.split(","))


def test_states_within_a_map_or_a_parallel_are_boxes_within_its_box() -> None:
    boxes = {}
    for group in groups(draw(ORDERS), kind="state"):
        rectangle = group.find(f"{SVG}rect")
        assert rectangle is not None
        boxes[group.attrib["data-state"]] = [float(rectangle.attrib[it]) for it in ("x", "y", "width", "height")]
    for inner, outer in [("Charge", "Both"), ("Each line", "Both"), ("Reserve", "Each line")]:
        (x, y, width, height), (left, top, wide, high) = boxes[inner], boxes[outer]
        assert left < x
        assert top < y
        assert x + width < left + wide
        assert y + height < top + high


def test_a_state_shows_its_name_its_type_and_its_call() -> None:
    of_name = {it.attrib["data-state"]: it for it in groups(draw(ORDERS), kind="state")}
    assert texts_of(of_name["Charge"]) == ["Charge", "SQS SendMessage"]
    assert texts_of(of_name["Reserve"]) == ["Reserve", "S3 CopyObject"]
    assert texts_of(of_name["Each line"]) == ["Each line", "Map, distributed: for each item"]
    assert texts_of(of_name["Wait a day"]) == ["Wait a day", "Wait 86400 s"]
    assert of_name["Look up"].attrib["data-type"] == "Task"
    assert of_name["Both"].findtext(f"{SVG}title") == "Both (Parallel: side by side)"


def test_choices_that_lead_to_the_same_state_are_one_line_with_all_words() -> None:
    assert words_between(draw(ORDERS), "How many?", HOSTILE) == ["order.type = gift or order.type = loan", "otherwise"]


def test_errors_that_are_caught_are_named_on_their_line() -> None:
    assert words_between(draw(ORDERS), "Look up", "Refuse") == ["timeout or out of stock"]
    assert words_between(draw(ORDERS), "Both", "Refuse") == ["any error"]


def test_a_redrive_is_an_edge_to_the_start() -> None:
    svg = draw(read(ROOT / "statemachines" / "image_workflow" / "v5.asl.json"))
    assert words_between(svg, "Failed", "Claim") == ["redriven"]
    assert "Failed (raises the error) - redriven: Claim." in (parse(svg).findtext(f"{SVG}desc") or "")


def test_a_common_error_handler_is_one_edge_from_a_frame() -> None:
    svg = draw(read(V4))
    assert len(groups(svg, kind="frame")) == 1
    assert [source for source, target in edges_in(svg) if target == "RecordError"] == ["Folder marker?"]


def test_a_task_with_another_error_handler_has_its_own_edge() -> None:
    assert words_between(draw(read(V4)), "Announce Rejection", "Failed") == ["any error"]


def test_a_task_without_an_error_handler_is_drawn_outside_the_frame() -> None:
    definition = copy.deepcopy(read(V4))
    del definition["States"]["Moderator"]["Catch"]
    svg = draw(definition)
    assert groups(svg, kind="frame") == []
    assert ("Resizer", "RecordError") in edges_in(svg)
    assert ("Moderator", "RecordError") not in edges_in(svg)


def test_the_name_of_a_state_is_always_escaped() -> None:
    svg = draw(ORDERS)
    (named,) = [it for it in groups(svg, kind="state") if it.attrib["data-state"] == HOSTILE]
    assert " ".join(texts_of(named)[:-1]) == HOSTILE
    assert "<script" not in svg


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=80), min_size=2, max_size=12, unique=True))
def test_any_names_and_labels_give_a_well_formed_picture(names: list[str]) -> None:
    states: dict[str, Any] = {
        name: {"Type": "Choice", "Choices": [{"Condition": f"{{% {name} %}}", "Next": after}], "Comment": name}
        for name, after in itertools.pairwise(names)
    }
    states[names[-1]] = {"Type": names[0]}
    assert len(states_in(draw({"StartAt": names[0], "Comment": names[0], "States": states}))) == len(names)


def test_a_thousand_states_are_drawn_with_every_line() -> None:
    names = [f"State {number}" for number in range(1000)]
    states: dict[str, Any] = {
        name: {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Next": after,
            "Catch": [{"ErrorEquals": ["Refused"], "Next": names[-1]}],
        }
        for name, after in itertools.pairwise(names)
    }
    states[names[-1]] = {"Type": "Succeed"}
    svg = draw({"StartAt": names[0], "States": states})
    assert sorted(states_in(svg)) == sorted(names)
    # All lead on and, but for the last of them, also to the end by an error.
    assert len(edges_in(svg)) == 999 + 998
