"""A process of its own for hostile files, which the system ends where one takes too much memory or processor time."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parents[3]
EXTRA_MEMORY = 160_000_000
"""Bytes that a file may take beside the idle process: 2 megapixels take 42 MB to decode, and the file 32 MB."""

ADDRESSES = 3_000_000_000
"""Bytes of addresses beside the idle process. It is far more: a decoder that is refused memory says that the file is
broken, so that a low limit would hide what took too much."""

PROCESSOR_SECONDS = 10
"""What the uses of one file may take of a processor together, in seconds."""


ENDED = "ended"
"""The outcome of a file that ended the process; its value is how."""


def heap_fill(byte: int) -> dict[str, str]:
    """Return the environment in which glibc fills each block that it gives with a byte, and each that is freed."""
    # What a thread has freed itself it would give without filling it.
    return {"MALLOC_PERTURB_": str(byte ^ 0xFF), "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


def outcomes_in_sandbox(
    files: Mapping[str, bytes], *, folder: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> dict[str, dict[str, str]]:
    """Return what becomes of each file, by its name: `outcomes_of`, or `ENDED` alone for one that ends the process."""
    outcomes: dict[str, dict[str, str]] = {}
    for number, data in enumerate(files.values()):
        (folder / f"{number:05}").write_bytes(data)
    while len(outcomes) < len(files):
        done = subprocess.run(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "tests.unit.robustness.sandbox",
                str(folder),
                str(len(outcomes)),
                str(len(files)),
            ],
            cwd=ROOT,
            # One arena: each further one would take 64 MB of addresses.
            env={
                **os.environ,
                **environment,
                "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "lambdas", ROOT / "constructs", ROOT))),
                "MALLOC_ARENA_MAX": "1",
            },
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        names = list(files)[len(outcomes) :]
        found = [json.loads(line) for line in done.stdout.splitlines()]
        outcomes |= dict(zip(names, found, strict=False))
        if len(found) < len(names):
            outcomes[names[len(found)]] = {ENDED: f"{done.returncode}: {done.stderr[-3000:]}"}
    return outcomes


def _go_through(folder: Path, *, numbers: range) -> None:
    # pi-heif and rawpy are imported by the first such file; all files are to have the same room.
    import pi_heif  # type: ignore[import-untyped]  # noqa: F401
    import rawpy  # noqa: F401
    from tests.unit.robustness.engine import outcomes_of

    idle = _memory("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + ADDRESSES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        used = resource.getrusage(resource.RUSAGE_SELF)
        end = int(used.ru_utime + used.ru_stime) + 1 + PROCESSOR_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))
        # The peak begins anew: proc(5).
        Path("/proc/self/clear_refs").write_text("5")
        outcomes = outcomes_of((folder / f"{number:05}").read_bytes())
        taken = _memory("VmHWM") - idle
        if taken > EXTRA_MEMORY:
            raise MemoryError(f"{taken:,} bytes taken: {outcomes}")
        print(json.dumps(outcomes), flush=True)


def _memory(field: str) -> int:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status[field].split()[0]) * 1024


if __name__ == "__main__":
    _go_through(Path(sys.argv[1]), numbers=range(int(sys.argv[2]), int(sys.argv[3])))
