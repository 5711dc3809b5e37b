"""Faults that `python -m tools.fault_lab` puts in front of workflow v5, and the page that it writes.

The command runs every case, which takes minutes. Here every ninth is run: all faults, and most calls.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.fault_lab.__main__ import WAIT_SCALE
from tools.fault_lab.cases import cases
from tools.fault_lab.every_event_ordering import every_event_ordering, run_event_orderings
from tools.fault_lab.lab import FaultLab, running_lab
from tools.fault_lab.report import cells, read_rows
from tools.fault_lab.run import Row, run_cases
from tools.fault_lab.scenarios import NOTHING_LEFT, OTHER_STANDS

ROOT = Path(__file__).parents[2]
_STRIDE = 9
CASES = cases()[::_STRIDE]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultLab]:
    folder = tmp_path_factory.mktemp("faults")
    with running_lab(folder, project=ROOT, environments=4, progress=lambda _: None) as lab:
        lab.scale_waits(WAIT_SCALE)
        yield lab


@pytest.fixture(scope="module")
def rows(lab: FaultLab) -> list[Row]:
    return run_cases(lab, cases=CASES, done=lambda _: None)


@pytest.fixture(scope="module")
def orderings(lab: FaultLab) -> list[Row]:
    return run_event_orderings(lab, orderings=every_event_ordering(), done=lambda _: None)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case.step}, {case.call} {case.fault}" for case in CASES])
def test_a_fault_before_a_call_ends_in_the_expected_outcome(rows: list[Row], number: int) -> None:
    assert rows[number].found == CASES[number].expected


def test_events_and_uploads_in_any_order_end_in_the_expected_outcome(orderings: list[Row]) -> None:
    wrong = [(row.fault, row.step, row.found, row.expected) for row in orderings if not row.as_expected]
    assert wrong == []


def test_no_object_is_left_and_no_record_stays_processing(rows: list[Row], orderings: list[Row]) -> None:
    left = {row.found.left_over for row in [*rows, *orderings] if row.expected.left_over == NOTHING_LEFT}
    assert left == {NOTHING_LEFT}
    assert not any(row.found.outcome.startswith("PROCESSING") for row in rows)


def test_nothing_of_a_rejected_or_failed_upload_is_public(rows: list[Row], orderings: list[Row]) -> None:
    others = [row for row in [*rows, *orderings] if row.found.outcome.startswith(("REJECTED", "FAILED"))]
    assert {row.found.renditions for row in others} == {0}


def test_a_failed_upload_keeps_its_original(rows: list[Row]) -> None:
    failed = [row for row in rows if row.found.execution == "FAILED"]
    assert failed
    assert {row.found.original for row in failed} == {"kept"}


def test_a_retry_that_rejects_leaves_nothing_public_after_any_failure(rows: list[Row]) -> None:
    public = {row.found.rejected.partition(", ")[2] for row in rows if not _another_stands(row)}
    assert public == {"0 public"}


def test_a_reprocess_after_that_publishes_one_set_of_what_can_be_published(rows: list[Row]) -> None:
    reprocessed = {row.found.reprocessed for row in rows if not _another_stands(row)}
    assert {one for one in reprocessed if one.startswith("PUBLISHED")} == {"PUBLISHED, 2 public"}
    assert all(one.endswith(", 0 public") for one in reprocessed if not one.startswith("PUBLISHED"))


def test_a_set_of_another_upload_of_the_key_is_kept(rows: list[Row]) -> None:
    beside = [row for row in rows if _another_stands(row)]
    assert beside
    assert {row.found.rejected.partition(", ")[2] for row in beside} == {"2 public"}
    assert {row.found.reprocessed.partition(", ")[2] for row in beside} == {"2 public"}


def _another_stands(row: Row) -> bool:
    return row.expected.rejected == OTHER_STANDS


def test_the_page_lists_the_rows_that_are_found(rows: list[Row], orderings: list[Row]) -> None:
    page = read_rows(ROOT / "docs" / "faults.md")
    every = len(cases())
    assert page[:every:_STRIDE] == [cells(row) for row in rows]
    assert page[every:] == [cells(row) for row in orderings]
