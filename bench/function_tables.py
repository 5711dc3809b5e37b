"""The tables of docs/functions.md: the measurements of each function, and the reasons for its memory."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.assembly import BuiltFunction
from bench.cost import LAMBDA_ARM, LAMBDA_REQUEST, MILLION, OVERHEAD_MS, WAIT
from bench.function_images import TYPICAL
from bench.function_runs import PREPARING, Run
from bench.states import states_of

WHOLE_PROCESSOR_MIB = 1769
"""The memory at which Lambda gives one processor ("Configure Lambda function memory" in its developer guide).

With less memory, a function gets a proportional share."""

CANDIDATES_MIB = (256, 512, 1024, 1769, 3008)
"""The memory sizes to compare."""

HEADROOM_MIB = 100
"""Memory beyond the peak of a function's processes. Lambda's own runtime takes about 40."""


def choices(functions: Sequence[BuiltFunction], runs: Sequence[Run]) -> Iterator[str]:
    """Yield the table of each function's memory and timeout, with the measured peaks."""
    yield (
        "| function | memory, MiB | peak, typical | peak, worst | timeout, s | longest, typical | longest, worst | "
        "timeout of its state, s |"
    )
    yield f"| --- |{' ---: |' * 7}"
    for function in functions:
        seen = _stood_for(function.id, runs=runs)
        cells = []
        for is_worst in (False, True):
            of_kind = [run for run in seen if run.is_worst == is_worst]
            longest = max((run.first / _share(function.memory) / 1000 for run in of_kind), default=None)
            cells.append((max((run.peak for run in of_kind), default=None), longest))
        (held, took), (worst_held, worst_took) = cells
        yield (
            f"| {function.id} | {function.memory} | {_number(held, 0)} | {_number(worst_held, 0)} | {function.timeout} "
            f"| {_number(took, 1)} | {_number(worst_took, 1)} | {state_timeout(function.id)} |"
        )


def costs(functions: Iterable[BuiltFunction], runs: Sequence[Run]) -> Iterator[str]:
    """Yield the table of time and costs at each memory, for the most common image."""
    usual = next(iter(TYPICAL))
    yield f"| function | {' | '.join(f'{memory} MiB' for memory in CANDIDATES_MIB)} | chosen |"
    yield f"| --- |{' ---: |' * len(CANDIDATES_MIB)} ---: |"
    for function in functions:
        run = next(run for run in runs if run.function == function.id and run.image == usual)
        needed = HEADROOM_MIB + max(seen.peak for seen in _stood_for(function.id, runs=runs))
        cells = [_cost(run, memory=memory) if memory >= needed else "-" for memory in CANDIDATES_MIB]
        yield f"| {function.id} | {' | '.join(cells)} | {function.memory} |"


def images(runs: Iterable[Run]) -> Iterator[str]:
    """Yield the table of all measurements."""
    yield "| function | image | outcome | peak, MiB | first, processor ms | later, processor ms | later, elapsed ms |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for run in sorted(runs, key=lambda run: (run.function, run.is_worst)):
        later = "- | -" if run.is_worst else f"{run.warm:.0f} | {run.wall:.0f}"
        image = f"worst: {run.image}" if run.is_worst else run.image
        yield f"| {run.function} | {image} | {run.outcome} | {run.peak:.0f} | {run.first:.0f} | {later} |"


def misfits(functions: Iterable[BuiltFunction], runs: Sequence[Run]) -> Iterator[str]:
    """Yield an error for each exceeded memory or timeout, and for each image that was not accepted."""
    for run in runs:
        if run.outcome != "done":
            yield f"{run.function} answers {run.outcome} to {run.image}"
    for function in functions:
        for run in _stood_for(function.id, runs=runs):
            if run.peak + HEADROOM_MIB > function.memory:
                yield f"{function.id} uses {run.peak:.0f} of {function.memory} MiB for {run.image}"
            if run.first / _share(function.memory) > 1000 * function.timeout:
                yield f"{function.id} takes longer than its {function.timeout} s for {run.image}"
        if state_timeout(function.id) <= function.timeout:
            yield f"{function.id} has a timeout of {function.timeout} s, and its state has no longer one"


def state_timeout(function: str) -> int:
    """Return the shortest timeout, in seconds, of the states that invoke a function.

    Parameters
    ----------
    function
        The step's name.
    """
    return min(int(state["TimeoutSeconds"]) for state in states_of(function))


def between_markers(document: Path, *, name: str, lines: Iterable[str]) -> None:
    """Replace the table between two markers of a document.

    Parameters
    ----------
    document
        A Markdown file that has the lines `<!-- name -->` and `<!-- /name -->`.
    name
        The name of the markers.
    lines
        The lines of the table.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    whole = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    table = f"{start}\n" + "\n".join(lines) + f"\n\n{end}"
    text, count = whole.subn(lambda _: table, document.read_text())
    if count != 1:
        raise SystemExit(f"{document} has no markers named {name}")
    document.write_text(text)


def _stood_for(function: str, *, runs: Iterable[Run]) -> list[Run]:
    # One of the functions that make analysis images is measured with the worst images, for all of them.
    return [run for run in runs if run.function == function or (function in PREPARING and run.function in PREPARING)]


def _share(memory: int) -> float:
    return min(1.0, memory / WHOLE_PROCESSOR_MIB)


def _cost(run: Run, *, memory: int) -> str:
    waits = OVERHEAD_MS + sum(WAIT[service] * count for service, count in run.calls.items())
    milliseconds = waits + run.warm / _share(memory)
    dollars = LAMBDA_REQUEST + milliseconds / 1000 * memory / 1024 * LAMBDA_ARM * MILLION
    return f"{milliseconds:.0f} ms, {dollars:.2f} USD"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
