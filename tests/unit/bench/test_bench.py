"""What `make bench` makes of what it measured."""

from dataclasses import replace
from pathlib import Path

import pytest
from bench.function_tables import state_timeout
from bench.page import BEGIN, END, renew, save, write_page
from bench.results import Goal, Result, Table, at_least, at_most, goals_markdown, markdown
from bench.rounds import take_turns

TABLE = Table(
    title="Thumbnail",
    note="Of a photograph.",
    columns={"way": "", "ms": ".1f", "SSIM": ".4f"},
    rows=[("Safelight", 93.04, 0.998), ("limit", 80.0, None)],
)
REACHED = Goal(goal="fast", measured="1.19", holds=True)
MISSED = Goal(goal="small", measured="-12 %", holds=False)


def test_the_median_of_the_rounds_counts_and_the_first_round_does_not() -> None:
    seconds = iter([100.0, 1.0, 9.0, 2.0])
    assert take_turns({"way": lambda: next(seconds)}, rounds=3).ms("way") == 2000


def test_every_method_has_its_turn_in_each_round_and_the_order_rotates() -> None:
    order: list[str] = []

    def way(name: str) -> float:
        order.append(name)
        return 1.0

    take_turns({"a": lambda: way("a"), "b": lambda: way("b")}, rounds=2)
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_a_ratio_is_of_medians() -> None:
    medians = take_turns({"slow": lambda: 6.0, "fast": lambda: 2.0}, rounds=1)
    assert medians.ratio("slow", to="fast") == 3


def test_a_table_has_a_dash_for_a_missing_value() -> None:
    assert markdown(TABLE).splitlines()[-2:] == ["| Safelight | 93.0 | 0.9980 |", "| limit | 80.0 | - |"]


@pytest.mark.parametrize(("measured", "holds"), [(1.3, True), (1.31, False)])
def test_a_goal_of_at_most_is_reached_up_to_it(measured: float, holds: bool) -> None:  # noqa: FBT001
    assert at_most(1.3, measured, goal="").holds is holds


@pytest.mark.parametrize(("measured", "holds"), [(4.0, True), (3.9, False)])
def test_a_goal_of_at_least_is_reached_from_it_on(measured: float, holds: bool) -> None:  # noqa: FBT001
    assert at_least(4, measured, goal="").holds is holds


def test_a_goal_that_is_not_reached_stands_out() -> None:
    assert goals_markdown([REACHED, MISSED]).splitlines()[-2:] == [
        "| fast | 1.19 | yes |",
        "| small | -12 % | **no** |",
    ]


def test_the_page_keeps_the_text_around_the_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"Before.\n{BEGIN}old figures\n{END}After.\n")
    results = {"thumbnail": Result(tables=[TABLE], goals=[REACHED, MISSED])}
    save(tmp_path / "results.json", results=results, machine="Safelight on two cores.")
    write_page(page, saved=tmp_path / "results.json")
    before, _, rest = page.read_text().partition(BEGIN)
    written, _, after = rest.partition(END)
    assert (before, after) == ("Before.\n", "After.\n")
    assert "old figures" not in written
    assert "## Goals: 1 of 2 reached" in written
    assert markdown(TABLE).strip() in written


def test_writing_the_page_is_idempotent(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(BEGIN + END)
    results = {"thumbnail": Result(tables=[TABLE], goals=[REACHED])}
    save(tmp_path / "results.json", results=results, machine="Two cores.")
    write_page(page, saved=tmp_path / "results.json")
    once = page.read_text()
    write_page(page, saved=tmp_path / "results.json")
    assert page.read_text() == once


def test_new_results_of_a_subject_replace_its_old_ones_and_say_their_rounds(tmp_path: Path) -> None:
    saved, page = tmp_path / "results.json", tmp_path / "performance.md"
    page.write_text(BEGIN + END)
    old = Result(tables=[TABLE], goals=[REACHED])
    save(saved, results={"header": old, "raw": old}, machine="Two cores.")
    new = {name: Result(tables=[replace(TABLE, title="New")], goals=[MISSED]) for name in ("header", "sets")}
    renew(saved, results=new, rounds=3, order=["header", "sets", "raw", "imports"])
    write_page(page, saved=saved)
    written = page.read_text()
    assert [line for line in written.splitlines() if line.startswith("### ")] == ["### New", "### New", "### Thumbnail"]
    assert written.count("medians of 3 rounds") == 2
    assert "## Goals: 1 of 3 reached" in written


def test_the_page_of_this_repository_has_a_place_for_the_figures() -> None:
    page = (Path(__file__).parents[3] / "docs" / "performance.md").read_text()
    assert page.index(BEGIN) < page.index(END)


@pytest.mark.parametrize("check", ["Labels", "Moderation", "NoPeople", "Words"])
def test_a_check_has_the_timeout_of_the_state_that_invokes_any_check(check: str) -> None:
    assert state_timeout(check) == 45


def test_a_function_that_a_state_names_has_the_timeout_of_that_state() -> None:
    assert state_timeout("Render") == 80
