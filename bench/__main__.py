"""Measure everything: print the tables, and write them as JSON and into docs/performance.md.

Run it from the root as `python -m bench [SUBJECT ...] [--rounds N] [--json FILE] [--page]`, or with `make bench`, which
first installs the compared libraries. If you name subjects, it measures only these. It then changes docs/performance.md
only with `--page`, and keeps the tables of all other subjects.
"""

import argparse
import os
import platform
import shutil
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import monotonic

from PIL import features

from bench.page import renew, save, write_page
from bench.results import Result
from bench.rounds import pin_to_one_core
from bench.sharp import Sharp
from bench.show import ROUNDS, print_result

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
RESULTS = Path(__file__).parent / "results.json"
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
    parser.add_argument(
        "--page",
        action="store_true",
        help="put the results of the subjects that you name into bench/results.json and docs/performance.md",
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
    if given.json:
        save(given.json, results=results, machine=machine)
    if given.page and given.subjects:
        renew(RESULTS, results=results, rounds=given.rounds, order=SUBJECTS)
        write_page(PAGE, saved=RESULTS)
    if not given.subjects:
        save(RESULTS, results=results, machine=machine)
        write_page(PAGE, saved=RESULTS)


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


if __name__ == "__main__":
    main()
