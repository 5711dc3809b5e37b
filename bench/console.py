"""The console's list of a thousand executions: how soon it is usable, and how long filtering takes.

Run it from the root as `python -m bench.console`. It prints the table and writes it into docs/console.md. Step
Functions is the emulator's, so the results are those of the page and its server, without a network between them.
"""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from tests.local.small_workflow import deploy_small_workflow, start

from bench.results import Goal, Result, Table, at_most, goals_markdown, markdown
from safelight_local.console.api import Api
from safelight_local.console.server import ConsoleServer
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import running_emulator

ROWS = 1000
ROUNDS = 7
PAGE = Path(__file__).parents[1] / "docs" / "console.md"
BEGIN, END = "<!-- bench/console.py -->\n", "<!-- /bench/console.py -->\n"
MOST_SECONDS, MOST_TASK_MS = 1.0, 200.0


def measure(*, rounds: int) -> Result:
    """Start a thousand executions, and open the page: once on a new server, then for a number of rounds."""
    with tempfile.TemporaryDirectory() as folder, running_emulator(Path(folder)) as emulator:
        endpoints = emulator.endpoints
        workflow = deploy_small_workflow(endpoints, stack="Many")
        with ThreadPoolExecutor(8) as threads:
            list(
                threads.map(lambda at: start(endpoints, workflow=workflow, key=f"park/photo-{at:04}.jpg"), range(ROWS))
            )
        cold = _open_page(endpoints, rounds=1, warm_up=0)
        warm = _open_page(endpoints, rounds=rounds, warm_up=1)
    return _result(cold=cold, warm=warm)


def _open_page(endpoints: Endpoints, *, rounds: int, warm_up: int) -> Sequence[Mapping[str, float]]:
    with ConsoleServer(Api(endpoints, stack=None, may_upload=True), port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        given = {
            "url": server.url,
            "rows": ROWS,
            "rounds": rounds + warm_up,
            "executablePath": shutil.which("chromium"),
        }
        command = ["node", str(Path(__file__).with_suffix(".mjs")), json.dumps(given)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - of this file
        server.shutdown()
    taken: list[dict[str, float]] = json.loads(done.stdout)
    return taken[warm_up:]


def _result(*, cold: Sequence[Mapping[str, float]], warm: Sequence[Mapping[str, float]]) -> Result:
    def of(taken: Sequence[Mapping[str, float]], name: str) -> float:
        return median(it[name] for it in taken)

    rows = [
        (words, of(cold, name), of(warm, name))
        for words, name in (
            ("from navigation until all rows are shown and usable, ms", "listed"),
            ("until all keys, place types and outcomes are loaded too, ms", "keys"),
            ("longest main-thread task, ms", "longest"),
            ("from a keystroke in the search field to the filtered list, ms", "filtered"),
        )
    ]
    table = Table(
        title=f"The page with {ROWS:,} executions",
        note=f"Headless Chromium. A later visit is the median of {len(warm)} rounds, after the console has read the "
        "executions.",
        columns={"": "", "first visit of a new console": ".0f", "later visit": ".0f"},
        rows=rows,
    )
    goals: list[Goal] = [
        at_most(MOST_SECONDS, of(warm, "listed") / 1000, goal=f"a thousand rows usable in {MOST_SECONDS:g} s"),
        at_most(MOST_TASK_MS, of(warm, "longest"), goal=f"no task longer than {MOST_TASK_MS:g} ms on a later visit"),
    ]
    return Result(tables=[table], goals=goals)


def main() -> None:
    """Measure, print the table, and write it into the page."""
    result = measure(rounds=ROUNDS)
    written = markdown(result.tables[0]) + "\n" + goals_markdown(result.goals)
    print(written)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{written.strip()}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
