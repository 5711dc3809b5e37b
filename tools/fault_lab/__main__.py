"""Runs all fault cases, prints the table, and writes it to ``docs/faults.md``.

Run as ``python -m tools.fault_lab``, in the checkout.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import click
from rich.console import Console
from tools.fault_lab.burst import describe_burst, run_burst
from tools.fault_lab.cases import Case, cases
from tools.fault_lab.event_ordering import EventOrdering
from tools.fault_lab.every_event_ordering import every_event_ordering, run_event_orderings
from tools.fault_lab.lab import running_lab
from tools.fault_lab.report import describe_counts, markdown, show, write_section
from tools.fault_lab.run import Row, run_cases

from safelight_local.cli._help import examples
from safelight_local.cli._program import SETTINGS, run_program
from safelight_local.terminal import make_console, step

PAGE = Path("docs") / "faults.md"
WAIT_SCALE = 0.002
"""The waits of retries, as a factor of those on AWS. The cases test order, not time."""

_WRONG_OUTCOME = 1
_ENVIRONMENTS = 4
_ENVIRONMENTS_OF_BURST = 8


@click.command(
    context_settings=SETTINGS,
    epilog=examples("""\
  python -m tools.fault_lab
  python -m tools.fault_lab --only Publish        write no page
  python -m tools.fault_lab --only "of a route that redacts"
  python -m tools.fault_lab --event-orderings
  python -m tools.fault_lab --burst 100
"""),
)
@click.option("--burst", metavar="N", type=int, help="Instead, upload N images at once while Rekognition is limited.")
@click.option(
    "--only", metavar="TEXT", default="", help="Run cases whose step, call or fault contains TEXT. Write no page."
)
@click.option("--event-orderings", is_flag=True, help="Run only the event orderings. Write no page.")
def fault_lab(*, burst: int | None, only: str, event_orderings: bool) -> int:
    """Run all fault cases, print the table, and write it to docs/faults.md.

    Run it in the checkout.
    """
    folder = Path(tempfile.mkdtemp(prefix="safelight-faults-"))
    console = make_console()
    chosen = [case for case in cases() if only in f"{case.step} {case.call} {case.fault}"]
    console.print(f"Logs are in {folder}.")
    if burst:
        code = _burst(burst, folder=folder, console=console)
    elif event_orderings:
        code = _report([], orderings=every_event_ordering(), pages=[], folder=folder, console=console)
    elif only:
        code = _report(chosen, orderings=[], pages=[], folder=folder, console=console)
    else:
        code = _report(chosen, orderings=every_event_ordering(), pages=[PAGE], folder=folder, console=console)
    if code == 0:
        shutil.rmtree(folder)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases, or a burst.

    `arguments`: the arguments after the program's name. Default: ``sys.argv``.

    Returns 0 if every row is as expected, 1 if not, 2 for an error that the user can fix, 130 after Ctrl-C.
    """
    return run_program(fault_lab, name="python -m tools.fault_lab", arguments=arguments)


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
