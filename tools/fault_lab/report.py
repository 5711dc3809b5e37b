"""The table of all cases, in the terminal and in the page."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text
from tools.fault_lab.run import Row

from safelight_local.errors import UserError
from safelight_local.terminal import shown

COLUMNS = (
    "Step",
    "Call",
    "Fault",
    "Outcome",
    "Execution",
    "Events",
    "Renditions",
    "Original",
    "Left over",
    "Then rejected",
    "Then reprocessed",
)


def cells(row: Row) -> tuple[str, ...]:
    """Return a row's cells, in the order of `COLUMNS`."""
    found = row.found
    return (
        row.step,
        row.call,
        row.fault,
        found.outcome,
        found.execution,
        found.events,
        str(found.renditions),
        found.original,
        found.left_over,
        found.rejected,
        found.reprocessed,
    )


def markdown(rows: Sequence[Row]) -> str:
    """Write rows as a Markdown table."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *map(cells, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def describe_counts(rows: Sequence[Row]) -> str:
    """Count the results, in Markdown."""
    left = sum(row.found.left_over != row.expected.left_over for row in rows)
    processing = sum(row.found.outcome.startswith("PROCESSING") and row.found.execution != "-" for row in rows)
    wrong = sum(not row.as_expected for row in rows)
    again = sum(row.found.rejected != "-" for row in rows)
    return (
        f"- Rows: {len(rows)}; not as expected: {wrong}.\n"
        f"- Rows with something left over: {left}.\n"
        f"- Records left at `PROCESSING`: {processing}.\n"
        f"- Rows whose upload was then rejected and reprocessed: {again}.\n"
    )


def show(console: Console, row: Row, *, number: int) -> None:
    """Print a case that has ended."""
    mark = Text("ok  ", style="green") if row.as_expected else Text("BAD ", style="bold red")
    console.print(Text(f"{number:>3} ").append_text(mark).append_text(shown(" | ".join(cells(row)))))
    if not row.as_expected:
        console.print(shown(f"     expected: {row.expected}", style="red"))


def write_section(page: Path, *, name: str, text: str) -> None:
    """Replace a section of a page.

    `page`: Contains ``<!-- NAME -->`` and ``<!-- end of NAME -->``.

    Raises UserError if the page has no such section.
    """
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, found, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise UserError(f"{page} has no section {begin.strip()} ... {end}")
    page.write_text(f"{before}{begin}{text}{end}{after}")


def read_rows(page: Path) -> list[tuple[str, ...]]:
    """Read the cells of the table of all cases back from a page."""
    lines = [line for line in page.read_text().splitlines() if re.match(r"\| (?!---|Step )", line)]
    rows = [tuple(line.strip("| ").split(" | ")) for line in lines]
    return [row for row in rows if len(row) == len(COLUMNS)]
