"""What the pages about cost and scale say of a million images."""

import re
from pathlib import Path

import pytest
from bench.cost import TRACE, costs, trace_dollars

PAGES = Path(__file__).parents[3] / "docs" / "explanation"


@pytest.mark.parametrize(("images_per_second", "dollars"), [(0.01, TRACE), (1, TRACE), (10, 0.725), (1000, 0.25475)])
def test_traces_cost_less_from_one_image_a_second_on(images_per_second: float, dollars: float) -> None:
    assert trace_dollars(images_per_second) == pytest.approx(dollars)


def test_the_page_about_cost_has_a_row_for_everything_that_is_charged() -> None:
    page = (PAGES / "cost.md").read_text(encoding="utf-8")
    for name, dollars in costs("v5", express=False, work_ms=0).items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| {name} |"))
        if not name.startswith("Lambda"):  # It is measured.
            assert f"{dollars:.2f}" in row


def test_the_page_about_scale_has_one_need_for_concurrency_and_what_a_new_account_serves_with_it() -> None:
    page = (PAGES / "scale.md").read_text(encoding="utf-8")
    ((need, served),) = re.findall(r"Ask for (0\.\d+) times .* 10 of a new account serve (\d+) images a second", page)
    assert int(served) == round(10 / float(need))
    assert re.findall(r"0\.\d+ times", page) == [f"{need} times"]
