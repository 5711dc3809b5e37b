"""Cold imports: how long the import of each function's handler takes in a new environment, without boto3.

`python -m bench.imports` measures only this. Each function's code and layers are unpacked as Lambda unpacks them.
Modules that the package has no bytecode for are compiled during the import, as in Lambda, which cannot keep bytecode. A
checkout would not show this, because Python keeps the bytecode there.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.assembly import WORKFLOWS, BuiltFunction, build_functions, unpack
from bench.results import Goal, Result, Table
from bench.rounds import Way, take_turns
from bench.show import show

PEERS = ("PIL.Image", "pyvips", "numpy", "cv2")
"""Other packages to import. Packages that are not installed are skipped."""

MOST_MS = 150

_BOTO3 = "boto3"
# The modules of boto3 that functions import by name, and their dependencies in the standard library. It measures
# processor time, which equals elapsed time on an otherwise idle core.
_PYTHON = """
import sys, time
start = time.process_time()
import boto3, botocore.config, botocore.exceptions
if len(sys.argv) > 1:
    start = time.process_time()
    __import__(sys.argv[1])
print(time.process_time() - start)
"""
_NODE = """
const start = process.cpuUsage();
require('sharp');
const { user, system } = process.cpuUsage(start);
console.log((user + system) / 1e6);
"""


def measure(*, rounds: int) -> Result:
    """Import each function's handler, and packages for comparison, in interpreters that take turns."""
    with TemporaryDirectory() as folder:
        functions = _functions(Path(folder))
        ways = {name: _import_handler(function, folder=Path(folder)) for name, function in functions.items()}
        peers = [name for name in PEERS if find_spec(name.partition(".")[0])]
        ways |= {name: _import(name) for name in peers}
        medians = take_turns({**ways, _BOTO3: _import(), "sharp": _require_sharp}, rounds=rounds)
    slowest = max(functions, key=lambda name: medians.seconds[name])
    return Result(
        tables=[
            Table(
                title="Cold imports",
                note="Processor time in new interpreters with boto3 preloaded, as in Lambda. The functions are "
                "unpacked from their packages, as there.",
                columns={"what": "", "ms": ".0f"},
                rows=[
                    *((f"handler of {name}", medians.ms(name)) for name in functions),
                    *((f"for comparison: {name}", medians.ms(name)) for name in (_BOTO3, *peers, "sharp")),
                ],
            )
        ],
        goals=[
            Goal(
                goal=f"import of each handler, without boto3: under {MOST_MS} ms",
                measured=f"{medians.ms(slowest):.0f} ms ({slowest})",
                holds=medians.ms(slowest) < MOST_MS,
            ),
        ],
    )


def _functions(folder: Path) -> Mapping[str, BuiltFunction]:
    """Return each function that has other layers than the functions before it, by name."""
    functions: dict[str, BuiltFunction] = {}
    for workflow, arguments in WORKFLOWS.items():
        for function in build_functions(folder / workflow, platform="local", **arguments):
            known = [other for other in functions.values() if other.id == function.id]
            if not any(other.layers.keys() == function.layers.keys() for other in known):
                name = f"{function.id} with {function.environment['DETECTOR']}" if known else function.id
                functions[name] = function
    return functions


def _import_handler(function: BuiltFunction, *, folder: Path) -> Way:
    paths = unpack(function, folder=folder)
    return _import(
        f"{function.package}.handler",
        environment={name: value or "unknown" for name, value in function.environment.items()}
        # Bytecode is not kept for the next round.
        | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _import(*names: str, environment: Mapping[str, str] | None = None) -> Way:
    command = [sys.executable, "-c", _PYTHON, *names]
    variables = os.environ | {"AWS_DEFAULT_REGION": "us-east-1"} | dict(environment or {})

    def way() -> float:
        done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)  # noqa: S603
        return float(done.stdout)

    return way


def _require_sharp() -> float:
    command = ["node", "--eval", _NODE]
    done = subprocess.run(command, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


if __name__ == "__main__":
    show(measure)
