"""What a measurement gives: tables, and the goals that were set for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | float | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Measured figures.

    Attributes
    ----------
    title
        What was measured.
    note
        On what, and how, as far as the title and the columns do not say.
    columns
        Each column's title, and how its numbers are formatted.
    rows
        The cells, as many as there are columns; None where there is nothing to say.
    """

    title: str
    note: str
    columns: dict[str, str]
    rows: Sequence[tuple[Cell, ...]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal and what became of it.

    Attributes
    ----------
    goal
        What was to be reached.
    measured
        What was.
    holds
        Whether that is enough.
    """

    goal: str
    measured: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one subject gave."""

    tables: Sequence[Table]
    goals: Sequence[Goal]


def at_most(most: float, measured: float, *, goal: str) -> Goal:
    """Hold a measured number against the most that it may be."""
    return Goal(goal=goal, measured=f"{measured:.2f}", holds=measured <= most)


def at_least(least: float, measured: float, *, goal: str, digits: int = 1) -> Goal:
    """Hold a measured number against the least that it must be.

    Parameters
    ----------
    least, measured
        Both in the same unit.
    goal
        What was to be reached.
    digits
        How many decimals are shown: 1 when left out.
    """
    return Goal(goal=goal, measured=f"{measured:.{digits}f}", holds=measured >= least)


def markdown(table: Table) -> str:
    """Write a table as Markdown, its note before it."""
    lines = [f"### {table.title}", "", table.note, "", _line(table.columns), _line(["---"] * len(table.columns))]
    lines += [
        _line(_text(cell, form) for cell, form in zip(row, table.columns.values(), strict=True)) for row in table.rows
    ]
    return "\n".join(lines) + "\n"


def goals_markdown(goals: Sequence[Goal]) -> str:
    """Write goals as a Markdown table."""
    lines = ["| goal | measured | holds |", "| --- | --- | --- |"]
    lines += [f"| {one.goal} | {one.measured} | {'yes' if one.holds else '**no**'} |" for one in goals]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(cell: Cell, form: str) -> str:
    if cell is None:
        return "-"
    return cell if isinstance(cell, str) else format(cell, form)
