"""What the page about delivery says of the cost of a million requests."""

import re
from pathlib import Path

import pytest
from bench.delivery.cost import DIFFERENT_IMAGES, IMGPROXY, USUAL_IMAGES, V8_SMALL, compared, costs, source_events

PAGE = (Path(__file__).parents[3] / "docs" / "explanation" / "delivery.md").read_text(encoding="utf-8")


def row(name: str) -> list[str]:
    (found,) = (line for line in PAGE.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in found.split("|")[2:-1]]


def test_the_page_has_a_row_for_everything_that_is_charged() -> None:
    columns = [costs(images=images, work_ms=0) for images in DIFFERENT_IMAGES]
    for name in columns[0]:
        if name != "Lambda":  # It is measured.
            assert row(name) == [f"{column[name]:.3f}" for column in columns]


def test_the_page_says_what_the_events_of_sources_cost() -> None:
    for name, dollars in source_events().items():
        assert row(name) == [f"{dollars:.2f}"]
    assert row("**events**") == [f"**{sum(source_events().values()):.2f}**"]


def test_the_page_compares_with_other_servers() -> None:
    for name, dollars in compared(work_ms=0).items():
        if name != "ImageDelivery":
            assert row(name) == [f"{each:.2f}" for each in dollars]


def test_the_page_says_what_servers_cost_without_requests() -> None:
    assert re.findall(r"(\d+) USD a month without a request", PAGE) == [f"{V8_SMALL.idle:.0f}", f"{IMGPROXY.idle:.0f}"]


@pytest.mark.parametrize("work_ms", [59, 140])
def test_a_million_requests_cost_at_most_30_cents_behind_cloudfront(work_ms: float) -> None:
    assert sum(costs(images=USUAL_IMAGES, work_ms=work_ms).values()) <= 0.30
