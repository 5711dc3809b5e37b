"""The pictures of the released definitions: complete, legible by all, and never out of date."""

import copy
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest
from tools import diagram

each_picture = pytest.mark.parametrize(
    ("definition", "picture"), diagram.PICTURES.items(), ids=lambda path: path.name.removesuffix(".asl.json")
)
V4 = next(path for path in diagram.PICTURES if path.name == "v4.asl.json")


def read(path: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return definition


def titles(svg: str, *, kind: str) -> list[str]:
    return [unescape(title) for title in re.findall(rf'class="{kind}">\s*<title>([^<]*)</title>', svg)]


@each_picture
def test_the_committed_picture_is_what_the_definition_says_today(definition: Path, picture: Path) -> None:
    assert picture.read_text(encoding="utf-8") == diagram.draw(read(definition))


@each_picture
def test_every_state_is_in_the_picture_and_in_its_description(definition: Path, picture: Path) -> None:
    svg = picture.read_text(encoding="utf-8")
    states = read(definition)["States"]
    shown = [title for title in titles(svg, kind="node") if title != "start" and not title.startswith("end of ")]
    assert sorted(shown) == sorted(states)
    (description,) = re.findall(r"<desc[^>]*>([^<]*)</desc>", svg)
    assert all(f"{state} (" in description for state in states)


@each_picture
def test_what_a_map_does_with_each_item_stands_in_its_box(definition: Path, picture: Path) -> None:
    svg = unescape(picture.read_text(encoding="utf-8"))
    for state in read(definition)["States"].values():
        for name in state.get("ItemProcessor", {}).get("States", {}):
            assert re.search(rf"<text[^>]*>[^<]*{re.escape(name)} \(", svg)


def test_a_redrive_is_a_line_back_to_the_start() -> None:
    svg = diagram.draw(read(diagram.ROOT / "statemachines" / "image_workflow" / "v5.asl.json"))
    assert "Failed->Claim" in titles(svg, kind="edge")
    assert "Failed (raises the error) - redriven: Claim." in unescape(svg)


@each_picture
def test_every_way_on_but_an_error_is_a_line(definition: Path, picture: Path) -> None:
    drawn = [title.removesuffix(":n") for title in titles(picture.read_text(encoding="utf-8"), kind="edge")]
    for name, state in read(definition)["States"].items():
        ways = [state.get("Next"), state.get("Default"), *(choice["Next"] for choice in state.get("Choices", []))]
        assert all(f"{name}->{target}" in drawn for target in ways if target)


@each_picture
def test_a_picture_is_well_formed_and_refers_to_nothing_outside_it(definition: Path, picture: Path) -> None:
    svg = picture.read_text(encoding="utf-8")
    root = minidom.parseString(svg).documentElement  # noqa: S318 - the repository's own file
    assert root is not None
    assert root.getAttribute("role") == "img"
    assert f'<title id="title">{read(definition)["Comment"]}</title>' in svg
    assert re.findall(r"https?://[^\"]*|href|url\(|@import", svg) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("picture", diagram.PICTURES.values(), ids=lambda path: path.stem)
def test_a_picture_fits_a_page_900_pixels_wide(picture: Path) -> None:
    (width,) = re.findall(r'<svg [^>]*?width="(\d+)"', picture.read_text(encoding="utf-8"))
    assert int(width) <= 900


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("{% $verdict.accepted %}", "accepted"),
        ("{% $verdict.accepted = true %}", "accepted"),
        ("{% $placeType = 'park' %}", "park"),
        ("{% $placeType in ['restaurant', 'cafe', 'bar'] %}", "restaurant, cafe, bar"),
        ("{% $exists($route.name) %}", "there is a route"),
        ("{% $verdict.reason = null %}", "no reason"),
        ("{% $withdraw = true or $onReject in ['QUARANTINE', 'DELETE'] %}", "withdraw, QUARANTINE, DELETE"),
        ("{% $count(people) > 3 or $late = true %}", "{% $count(people) > 3 or $late = true %}"),
        ("{% $count(people) > 3 %}", "{% $count(people) > 3 %}"),
    ],
)
def test_a_condition_is_said_in_plain_words_where_it_can_be(condition: str, words: str) -> None:
    assert diagram.in_words(condition) == words


def test_check_exits_with_1_and_writes_nothing_when_a_picture_is_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "v4.svg"
    assert diagram.main([str(V4), str(picture)]) == 0
    assert diagram.main([str(V4), str(picture), "--check"]) == 0
    picture.write_text("old")
    assert diagram.main([str(V4), str(picture), "--check"]) == 1
    assert picture.read_text() == "old"
    assert str(picture) in capsys.readouterr().err


def test_a_task_that_leaves_its_errors_to_nobody_is_not_drawn_as_if_it_did() -> None:
    definition = copy.deepcopy(read(V4))
    del definition["States"]["Moderator"]["Catch"]
    with pytest.raises(diagram.DrawingError, match="Moderator leaves no error to RecordError"):
        diagram.draw(definition)


@pytest.mark.parametrize(("content", "says"), [("{}", "no state machine definition"), ("no JSON", "Expecting value")])
def test_a_file_that_is_no_definition_exits_with_2_and_a_line(
    content: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "mine.asl.json"
    source.write_text(content)
    assert diagram.main([str(source), str(tmp_path / "mine.svg")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(source) in line
    assert says in line


def test_a_missing_graphviz_exits_with_2_and_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(diagram, "GRAPHVIZ", tmp_path / "nowhere")
    assert diagram.main([str(V4), str(tmp_path / "v4.svg")]) == 2
    assert "make setup" in capsys.readouterr().err
