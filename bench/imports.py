"""Cold imports: what each handler takes to import in a new interpreter, boto3 aside: `python -m bench.imports`."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.results import Goal, Result, Table
from bench.rounds import Way, take_turns
from bench.show import show

LAMBDAS = Path(__file__).parents[1] / "lambdas"
# The packages of the layers that are imported with a handler.
LAYERS = ("PIL", "aws_lambda_powertools")
PEERS = ("PIL.Image", "pyvips", "numpy", "cv2")
MOST_MS = 150

_PYTHON = """
import sys, time
import boto3, botocore.config
start = time.perf_counter()
__import__(sys.argv[1])
print(time.perf_counter() - start)
"""
_NODE = "const s = process.hrtime.bigint(); require('sharp'); console.log(Number(process.hrtime.bigint() - s) / 1e9)"


def measure(*, rounds: int) -> Result:
    """Import each handler, and what others import, in interpreters that take turns."""
    handlers = sorted(f"{file.parent.name}.handler" for file in LAMBDAS.glob("*/handler.py"))
    with TemporaryDirectory() as folder:
        bare = Path(folder)
        for name in LAYERS:
            _copy(_folder_of(name), to=bare / name)
        for package in LAMBDAS.iterdir():
            if package.is_dir():
                _copy(package, to=bare / package.name)
        ways = {name: _import(name, path=LAMBDAS) for name in (*handlers, *PEERS)}
        ways |= {f"{name} from source": _import(name, path=bare) for name in handlers}
        ways["sharp"] = _require_sharp
        medians = take_turns(ways, rounds=rounds)
    slowest, slowest_from_source = (
        max(handlers, key=lambda name: medians.seconds[name + suffix]) for suffix in ("", " from source")
    )
    return Result(
        tables=[
            Table(
                title="Cold imports",
                note="In new interpreters, of which boto3 is imported before the time counts. Lambda's own image and "
                "what is published with bytecode is as the first column; the layers here are packed without bytecode, "
                "so that they are the same whoever packs them: there, Python compiles what it imports, and that is the "
                "second.",
                columns={"what": "", "ms": ".0f", "ms, compiled on the way": ".0f"},
                rows=[
                    *((name, medians.ms(name), medians.ms(f"{name} from source")) for name in handlers),
                    *((f"for comparison: {name}", medians.ms(name), None) for name in (*PEERS, "sharp")),
                ],
            )
        ],
        goals=[
            Goal(
                goal="import of each handler, boto3 aside: under 150 ms",
                measured=f"{medians.ms(slowest):.0f} ms ({slowest})",
                holds=medians.ms(slowest) < MOST_MS,
            ),
            Goal(
                goal="the same, compiled on the way",
                measured=f"{medians.ms(slowest_from_source + ' from source'):.0f} ms ({slowest_from_source})",
                holds=medians.ms(slowest_from_source + " from source") < MOST_MS,
            ),
        ],
    )


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed")
    return Path(spec.origin).parent


def _copy(folder: Path, *, to: Path) -> None:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("__pycache__"))


def _import(name: str, *, path: Path) -> Way:
    # -B writes no bytecode, and reads what is there.
    command = [sys.executable, *(["-B"] if path != LAMBDAS else []), "-c", _PYTHON, name]
    environment = os.environ | {"PYTHONPATH": str(path), "AWS_DEFAULT_REGION": "us-east-1"}

    def way() -> float:
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        return float(done.stdout)

    return way


def _require_sharp() -> float:
    command = ["node", "--eval", _NODE]
    done = subprocess.run(command, cwd=Path(__file__).parent, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


if __name__ == "__main__":
    show(measure)
