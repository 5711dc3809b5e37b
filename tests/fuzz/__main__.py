"""Fuzzing: files that atheris generates, guided by the lines of `imagekit` that they reach, for a bounded time.

`make fuzz` runs it. The files that reached something new are kept for the next run; one that breaks a rule is kept
beside them, named `crash-`, `timeout-` or `oom-`, and goes through alone by `python -m tests.fuzz FILE`.
"""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

from tests.unit.robustness.samples import SAMPLES

KEPT = Path(".safelight/fuzz")
MAX_BYTES = 16_384
MAX_MEGABYTES = 1_000
MAX_SECONDS_A_FILE = 10


def main() -> None:
    """Fuzz, or put files through once."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="put through once; left out, fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="how long to fuzz (60)")
    given = parser.parse_args()
    # It installs by wheels for Linux and Python 3.11 to 3.13 alone: not among the packages of every day.
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["imagekit"]):
        from tests.unit.robustness.engine import outcomes_of

    def check(data: bytes) -> None:
        outcomes = outcomes_of(data)
        if outcomes_of(data) != outcomes:
            raise AssertionError(f"not the same outcome twice: {outcomes}")

    corpus = KEPT / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        (corpus / name.replace(" ", "-")).write_bytes(sample)
    options = [
        *(f"-max_total_time={given.seconds}", f"-max_len={MAX_BYTES}", f"-rss_limit_mb={MAX_MEGABYTES}"),
        *(f"-timeout={MAX_SECONDS_A_FILE}", f"-artifact_prefix={KEPT}/", "-len_control=0", "-print_final_stats=1"),
    ]
    atheris.Setup([sys.argv[0], *options, *map(str, given.files or [corpus])], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
