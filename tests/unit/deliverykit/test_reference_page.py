"""The reference page and the parsers have the same names."""

import re
from pathlib import Path

import pytest
from tests.unit.deliverykit.asked import edits_plan, filters_plan, query_plan, refused
from tests.unit.deliverykit.test_dialects import ROWS

from deliverykit.json_form import EDITS, HEADERS, MEMBERS
from deliverykit.query_form import FITS
from deliverykit.thumbor_filters import FILTERS
from safelight_contracts.delivery.forms import QUERY_PARAMETERS
from safelight_contracts.delivery.refusals import Refusal

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "delivery-requests.md").read_text()


def table(title: str) -> list[list[str]]:
    """The rows of the first table under a title, without its head."""
    section = re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(f"{title}\n"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize(
    ("title", "names"),
    [("Query", QUERY_PARAMETERS), ("JSON document", MEMBERS), ("Edits", EDITS), ("Filters", FILTERS)],
)
def test_a_table_has_the_names_that_the_parser_knows(title: str, names: frozenset[str]) -> None:
    listed = [name for row in table(title) for name in code(row[0])]
    assert sorted(listed) == sorted(names)


def test_the_table_of_dialects_has_the_rows_that_are_tested() -> None:
    assert [code(path) for path, *_ in table("Dialects")] == [[path] for path, *_ in ROWS]


def test_the_page_names_every_fit_and_every_header() -> None:
    assert {*FITS, *HEADERS.values()} <= set(code(PAGE))


def missing(peer: str) -> list[str]:
    (names,) = (names for name, names in table("What is not there") if name == peer)
    return code(names)


@pytest.mark.parametrize("name", missing("Serverless Image Handler"))
def test_an_edit_that_is_not_there_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, f"edits.{name}"):
        edits_plan(**{name: True})


@pytest.mark.parametrize("name", missing("thumbor"))
def test_a_filter_that_is_not_there_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, name):
        filters_plan(f"{name}(1)")


@pytest.mark.parametrize("name", missing("imgix"))
def test_a_parameter_that_is_not_there_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, name):
        query_plan(f"{name}=1")
