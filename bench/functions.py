"""Memory and time of each function, for typical and for the worst accepted images, and its costs at each memory.

Run it from the root as `python -m bench.functions [--rounds N]`. It writes the tables of docs/functions.md, including
packages and imports, in about a quarter of an hour. Each function's handler runs in its own process on one core, with
the code, the layers and the environment variables that the library gives it. S3, DynamoDB and EventBridge are the
emulator's. Rekognition is a fake that answers at once. Times are processor time, because other programs on the machine
affect it less than elapsed time. Get the photographs with `npm ci --ignore-scripts --prefix bench`.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import function_tables, imports, packages
from bench.assembly import WORKFLOWS, build_functions
from bench.function_runs import measure_runs
from bench.results import goals_markdown, markdown
from safelight.core.platform import Architecture, Platform

ROUNDS = 5
_DOCUMENT = Path(__file__).parents[1] / "docs" / "functions.md"
# Together they have every function.
_WORKFLOWS = ("v4", "v5")
# They take messages from a queue, not uploads, and read no image.
_BACKGROUND = frozenset({"Sweep", "Withdraw"})


def main() -> None:
    """Measure and write the tables. The exit code is 1 if a function exceeds its memory or timeout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds",
        type=int,
        default=ROUNDS,
        help=f"invocations with each typical image, including the first. Default: {ROUNDS}",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        functions = {
            function.id: function
            for workflow in _WORKFLOWS
            for function in build_functions(folder / workflow, platform="local", **WORKFLOWS[workflow])
            if function.id not in _BACKGROUND
        }.values()
        runs = measure_runs(functions, rounds=given.rounds, folder=folder, progress=_say)
    built = packages.measure_packages({one.value: f"{Platform.python}-{one.value}" for one in Architecture})
    tables: Mapping[str, list[str]] = {
        "machine": [_machine()],
        "chosen": list(function_tables.choices(list(functions), runs)),
        "costs": list(function_tables.costs(functions, runs)),
        "images": list(function_tables.images(runs)),
        "packages": list(packages.table(built)),
        "imports": _imports(rounds=given.rounds),
    }
    for name, lines in tables.items():
        print("\n".join(lines) + "\n")
        function_tables.between_markers(_DOCUMENT, name=name, lines=lines)
    unfit = [*function_tables.misfits(functions, runs), *packages.too_large(built)]
    if unfit:
        sys.exit("\n".join(unfit))


def _imports(*, rounds: int) -> list[str]:
    result = imports.measure(rounds=rounds)
    return [*map(markdown, result.tables), goals_markdown(result.goals).rstrip()]


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _machine() -> str:
    return (
        f"Measured on {platform.system()} {platform.machine()}, on one of {os.cpu_count()} processors, with "
        f"Python {platform.python_version()}. Packages are for Python {Platform.python}."
    )


if __name__ == "__main__":
    main()
