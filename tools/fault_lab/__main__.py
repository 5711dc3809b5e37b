"""Runs all fault cases, prints the table, and writes it to ``docs/faults.md``.

Run as ``python -m tools.fault_lab``, in the checkout.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from rich.console import Console
from tools.fault_lab.burst import describe_burst, run_burst
from tools.fault_lab.cases import Case, cases
from tools.fault_lab.event_ordering import EventOrdering
from tools.fault_lab.every_event_ordering import every_event_ordering, run_event_orderings
from tools.fault_lab.lab import running_lab
from tools.fault_lab.report import describe_counts, markdown, show, write_section
from tools.fault_lab.run import Row, run_cases

from safelight_local.errors import exit_code_of
from safelight_local.terminal import make_console, step

PAGE = Path("docs") / "faults.md"
WAIT_SCALE = 0.002
"""The waits of retries, as a factor of those on AWS. The cases test order, not time."""

_WRONG_OUTCOME = 1
_ENVIRONMENTS = 4
_ENVIRONMENTS_OF_BURST = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases, or a burst.

    Parameters
    ----------
    arguments : Sequence[str], optional
        The arguments after the program's name. Default: ``sys.argv``.

    Returns
    -------
    int
        0 if every row is as expected, 1 if not, 2 for an error that the user can fix, 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.fault_lab", description=__doc__)
    parser.add_argument(
        "--burst", type=int, metavar="N", help="instead, upload N images at once while Rekognition is limited"
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="run cases whose step, call or fault contains TEXT. Write no page"
    )
    parser.add_argument("--event-orderings", action="store_true", help="run only the event orderings. Write no page")
    parsed = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="safelight-faults-"))
    console = make_console()

    def run() -> int:
        if parsed.burst:
            return _burst(parsed.burst, folder=folder, console=console)
        chosen = [case for case in cases() if parsed.only in f"{case.step} {case.call} {case.fault}"]
        if parsed.event_orderings:
            return _report([], orderings=every_event_ordering(), pages=[], folder=folder, console=console)
        if parsed.only:
            return _report(chosen, orderings=[], pages=[], folder=folder, console=console)
        return _report(chosen, orderings=every_event_ordering(), pages=[PAGE], folder=folder, console=console)

    code = exit_code_of(run, program="faults")
    if code:
        print(f"faults: logs are in {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    return code


def _report(
    chosen: Sequence[Case], *, orderings: Sequence[EventOrdering], pages: Sequence[Path], folder: Path, console: Console
) -> int:
    numbers = count(1)

    def done(row: Row) -> None:
        show(console, row, number=next(numbers))

    console.print(f"Deploying v5 with faults in front of its calls (a minute or two); {len(chosen)} cases ...")
    with running_lab(folder, project=Path.cwd(), environments=_ENVIRONMENTS, progress=lambda _: None) as lab:
        lab.scale_waits(WAIT_SCALE)
        with step(console, "All cases"):
            rows = run_cases(lab, cases=chosen, done=done)
        for page in pages:
            write_section(page, name="cases", text=markdown(rows))
        with step(console, "All event orderings"):
            ordered = run_event_orderings(lab, orderings=orderings, done=done)
    counts = describe_counts([*rows, *ordered])
    console.print(counts)
    for page in pages:
        write_section(page, name="event-orderings", text=markdown(ordered))
        write_section(page, name="counts", text=counts)
    return 0 if all(row.as_expected for row in [*rows, *ordered]) else _WRONG_OUTCOME


def _burst(uploads: int, *, folder: Path, console: Console) -> int:
    console.print("Deploying v5 (a minute or two) ...")
    with running_lab(folder, project=Path.cwd(), environments=_ENVIRONMENTS_OF_BURST, progress=lambda _: None) as lab:
        burst = run_burst(lab, uploads=uploads, progress=console.print)
    text = describe_burst(burst)
    console.print(text)
    write_section(PAGE, name="burst", text=text)
    return 0 if burst.nothing_failed else _WRONG_OUTCOME


if __name__ == "__main__":
    sys.exit(main())
