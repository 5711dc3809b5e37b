"""The saved results of all subjects, and the page that shows them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.results import Goal, Result, Table, goals_markdown, markdown

BEGIN, END = "<!-- start of the results of `make bench` -->\n", "<!-- end of the results of `make bench` -->\n"
_MACHINE = "machine"


def save(file: Path, *, results: Mapping[str, Result], machine: str) -> None:
    """Write results by subject, with the machine that they are of, as JSON."""
    figures = {_MACHINE: machine} | {subject: asdict(result) for subject, result in results.items()}
    file.write_text(json.dumps(figures, indent=1) + "\n")


def renew(file: Path, *, results: Mapping[str, Result], rounds: int, order: Sequence[str]) -> None:
    """Replace the saved results of some subjects, and keep all others.

    Parameters
    ----------
    rounds
        Of the new results. Each of their tables says so.
    order
        The subjects, in the order of the page.
    """
    machine, saved = _read(file)
    noted = {subject: _with_rounds(result, rounds=rounds) for subject, result in results.items()}
    every = {**saved, **noted}
    save(file, results={subject: every[subject] for subject in order if subject in every}, machine=machine)


def write_page(page: Path, *, saved: Path) -> None:
    """Write all tables into the page, between its two markers."""
    machine, results = _read(saved)
    goals: list[Goal] = [goal for result in results.values() for goal in result.goals]
    reached = sum(goal.holds for goal in goals)
    parts = [machine, f"## Goals: {reached} of {len(goals)} reached", goals_markdown(goals).rstrip(), "## Figures"]
    parts += [markdown(table).rstrip() for result in results.values() for table in result.tables]
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + BEGIN + "\n" + "\n\n".join(parts) + "\n\n" + END + after)


def _with_rounds(result: Result, *, rounds: int) -> Result:
    note = f"Measured in another run: medians of {rounds} rounds."
    return replace(result, tables=[replace(it, note=f"{it.note} {note}") for it in result.tables])


def _read(file: Path) -> tuple[str, dict[str, Result]]:
    figures = json.loads(file.read_text())
    return figures.pop(_MACHINE), {subject: _result(told) for subject, told in figures.items()}


def _result(told: Mapping[str, Any]) -> Result:
    return Result(
        tables=[Table(**{**it, "rows": [tuple(row) for row in it["rows"]]}) for it in told["tables"]],
        goals=[Goal(**it) for it in told["goals"]],
    )
