"""Measure everything: print the tables, and write them as JSON and into docs/performance.md.

Run it from the root as `python -m bench [SUBJECT ...] [--rounds N] [--json FILE]`, or with `make bench`, which first
installs the compared libraries. If you name subjects, it measures only these and does not change docs/performance.md.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import monotonic

from PIL import features

from bench.results import Goal, Result, goals_markdown, markdown
from bench.rounds import pin_to_one_core
from bench.sharp import Sharp
from bench.show import ROUNDS, print_result

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
RESULTS = Path(__file__).parent / "results.json"
BEGIN, END = "<!-- start of the results of `make bench` -->\n", "<!-- end of the results of `make bench` -->\n"
SUBJECTS = (
    *("header", "thumbnail", "one_rendition", "sets", "set_files", "encoders", "codecs", "raw", "imports"),
    *("delivery.miss", "delivery.requests", "delivery.cold_start", "delivery.memory"),
    *(
        "redaction.photo",
        "redaction.service",
        "redaction.dicom",
        "redaction.video",
        "redaction.bare_frames",
        "redaction.chunks",
    ),
)


def main() -> None:
    """Measure the subjects that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"any of {', '.join(SUBJECTS)}. Default: all")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"number of measured rounds. Default: {ROUNDS}")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="the file for the results. Default: bench/results.json if you name no subjects",
    )
    given = parser.parse_args()
    unknown = set(given.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    pin_to_one_core()
    start = monotonic()
    results = {}
    for number, subject in enumerate(given.subjects or SUBJECTS, start=1):
        of = len(given.subjects or SUBJECTS)
        print(f"[{number}/{of}, {monotonic() - start:.0f} s] {subject} ...", file=sys.stderr, flush=True)
        measure: Callable[..., Result] = import_module(f"bench.{subject}").measure
        results[subject] = measure(rounds=given.rounds)
        print_result(results[subject])
    machine = describe_machine(rounds=given.rounds)
    print(f"{machine}\nmeasured in {monotonic() - start:.0f} s")
    if given.json or not given.subjects:
        figures = {"machine": machine} | {subject: asdict(result) for subject, result in results.items()}
        (given.json or RESULTS).write_text(json.dumps(figures, indent=1) + "\n")
    if not given.subjects:
        write_page(PAGE, results=results, machine=machine)


def describe_machine(*, rounds: int) -> str:
    """Describe the machine and the versions."""
    processor = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.is_file():
        named = [line for line in information.read_text().splitlines() if line.startswith("model name")]
        processor = named[0].partition(": ")[2] if named else processor
    with Sharp() as sharp:
        peers = sharp.versions
    libraw = ".".join(map(str, import_module("rawpy").libraw_version))
    libvips = ".".join(str(import_module("pyvips").version(part)) for part in range(3))
    release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return (
        f"Safelight {release} on {processor}, one of {os.cpu_count()} cores, medians of {rounds} rounds. "
        f"Python {platform.python_version()}, Pillow {version('pillow')} with libjpeg-turbo "
        f"{features.version('libjpeg_turbo')}, libwebp {features.version('webp')} and libavif "
        f"{features.version('avif')}; rawpy {version('rawpy')} with LibRaw {libraw}; libvips {libvips} (pyvips "
        f"{version('pyvips')}); sharp {peers['sharp']} on Node.js {peers['node']}; OpenCV "
        f"{version('opencv-python-headless')}; {'dcraw' if shutil.which('dcraw') else 'no dcraw'}."
    )


def write_page(page: Path, *, results: Mapping[str, Result], machine: str) -> None:
    """Write all tables into the page, between its two markers."""
    goals: list[Goal] = [goal for result in results.values() for goal in result.goals]
    reached = sum(goal.holds for goal in goals)
    parts = [machine, f"## Goals: {reached} of {len(goals)} reached", goals_markdown(goals).rstrip(), "## Figures"]
    parts += [markdown(table).rstrip() for result in results.values() for table in result.tables]
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + BEGIN + "\n" + "\n\n".join(parts) + "\n\n" + END + after)


if __name__ == "__main__":
    main()
