"""The results of a measurement: tables and goals."""

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
        Conditions that the title and the columns do not give.
    columns
        Each column's title, and how its numbers are formatted.
    rows
        The cells, one for each column. None for no value.
    """

    title: str
    note: str
    columns: dict[str, str]
    rows: Sequence[tuple[Cell, ...]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal and its result.

    Attributes
    ----------
    goal
        The goal in words.
    measured
        The measured value.
    holds
        Whether the goal is reached.
    """

    goal: str
    measured: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """The results of one subject."""

    tables: Sequence[Table]
    goals: Sequence[Goal]


def at_most(most: float, measured: float, *, goal: str) -> Goal:
    """Compare a measured number with its maximum."""
    return Goal(goal=goal, measured=f"{measured:.2f}", holds=measured <= most)


def at_least(least: float, measured: float, *, goal: str, digits: int = 1) -> Goal:
    """Compare a measured number with its minimum.

    Parameters
    ----------
    least, measured
        Both in the same unit.
    goal
        The goal in words.
    digits
        Number of decimals. Default: 1.
    """
    return Goal(goal=goal, measured=f"{measured:.{digits}f}", holds=measured >= least)


def markdown(table: Table) -> str:
    """Format a table as Markdown, after its note."""
    lines = [f"### {table.title}", "", table.note, "", _line(table.columns), _line(["---"] * len(table.columns))]
    lines += [
        _line(_text(cell, form) for cell, form in zip(row, table.columns.values(), strict=True)) for row in table.rows
    ]
    return "\n".join(lines) + "\n"


def goals_markdown(goals: Sequence[Goal]) -> str:
    """Format goals as a Markdown table."""
    lines = ["| goal | measured | holds |", "| --- | --- | --- |"]
    lines += [f"| {one.goal} | {one.measured} | {'yes' if one.holds else '**no**'} |" for one in goals]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _text(cell: Cell, form: str) -> str:
    if cell is None:
        return "-"
    return cell if isinstance(cell, str) else format(cell, form)
