"""A cold start, from the start of the interpreter to the first answer: `python -m bench.delivery.cold_start`.

Safelight's function that makes images has the code, the layers and the environment variables that the library deploys.
Beside it is a function as AWS's Serverless Image Handler 7 is: `like_sih.mjs`, bundled by esbuild with the AWS SDK, as
its stack bundles it, and sharp beside the bundle. Both make the same JPEG from the same object of the emulator's S3.

The time is processor time of all processes that a function starts, from the interpreter's start until it ends with the
answer. Lambda gives a function of 1,769 MB one processor, so the time is also what passes, without that of services.
"""

import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from PIL import Image

from bench.assembly import BuiltFunction, build_delivery_functions, unpack
from bench.delivery.settings import OPEN, RESULTS, SOURCES
from bench.photographs import photograph_2k
from bench.results import Goal, Result, Table
from bench.rounds import Way, take_turns
from bench.show import show
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import URL_HEADER, settings_to_environment
from safelight_local.emulator.process import Emulator, running_emulator

MOST_OF_PEER = 0.5
WIDTH = 512

_OURS, _PEER = "Safelight", "as SIH 7"
_IMPORTS = "import of "
_KEY = "photograph.jpg"
_FOLDER = Path(__file__).parent
_MODULES = _FOLDER.parent / "node_modules"

# The worker is a process that the function starts. Its time counts when it has ended.
_PYTHON = """
import json, os, sys
from delivery.make.handler import handler, worker
event = json.load(sys.stdin)
if event is not None:
    print(json.dumps(handler(event, None)), flush=True)
worker.close()
os._exit(0)
"""
_NODE = """
const { handler } = require(process.env.BUNDLE);
const event = JSON.parse(require('node:fs').readFileSync(0));
if (event === null) process.exit();
handler(event).then((answer) => { console.log(JSON.stringify(answer)); process.exit(); });
"""


@dataclass(frozen=True, kw_only=True)
class _Function:
    """How a function starts, and its request."""

    command: Sequence[str]
    environment: Mapping[str, str]
    event: Mapping[str, Any]

    def imported(self) -> float:
        """Start it, import the handler, and return the processor seconds."""
        seconds, _ = _run(self.command, environment=self.environment, event=None)
        return seconds

    def answered(self) -> float:
        """Start it, handle its first request, and return the processor seconds."""
        seconds, output = _run(self.command, environment=self.environment, event=self.event)
        answer = json.loads(output.splitlines()[-1])
        if answer["statusCode"] != 200 or Image.open(BytesIO(b64decode(answer["body"]))).width != WIDTH:
            raise SystemExit(f"A function answered {output[:500]}")
        return seconds


def measure(*, rounds: int) -> Result:
    """Compare both functions' cold starts."""
    with TemporaryDirectory() as name, running_emulator(Path(name)) as emulator:
        folder = Path(name)
        for bucket in (SOURCES, RESULTS):
            emulator.endpoints.s3.create_bucket(Bucket=bucket)
        emulator.endpoints.s3.put_object(Bucket=SOURCES, Key=_KEY, Body=photograph_2k())
        functions = {_OURS: _safelight(folder, emulator=emulator), _PEER: _like_sih(folder, emulator=emulator)}
        ways: dict[str, Way] = {}
        for way, function in functions.items():
            ways |= {_IMPORTS + way: function.imported, way: function.answered}
        ways[_OURS] = _each_time_a_miss(ways[_OURS], emulator=emulator)
        medians = take_turns(ways, rounds=rounds)
    ratio = medians.ratio(_OURS, to=_PEER)
    return Result(
        tables=[
            Table(
                title="Cold start of the function that makes images",
                note="Processor time of a new process, without the services' time: to the end of the import, and to "
                f"the first answer, a JPEG of 2048 px scaled to {WIDTH}. The peer loads and does what AWS's Serverless "
                "Image Handler 7 does, in a bundle as its stack makes it. It makes one request to S3, Safelight "
                "seven: it reads the header first, takes a lease, and stores the result.",
                columns={"function": "", "ms, import": ".0f", "ms, first answer": ".0f", "time / the peer's": ".2f"},
                rows=[
                    (way, medians.ms(_IMPORTS + way), medians.ms(way), medians.ratio(way, to=_PEER))
                    for way in functions
                ],
            )
        ],
        goals=[
            Goal(
                goal=f"cold start to the first byte: at most {MOST_OF_PEER} of a handler as SIH 7's",
                measured=f"{ratio:.2f}",
                holds=ratio <= MOST_OF_PEER,
            )
        ],
    )


def _safelight(folder: Path, *, emulator: Emulator) -> _Function:
    (make,) = (one for one in build_delivery_functions(folder / "assembly", platform="local") if one.id == "Make")
    return _Function(
        command=[sys.executable, "-c", _PYTHON],
        environment=emulator.endpoints.environment()
        | {name: value for name, value in make.environment.items() if value is not None}
        | settings_to_environment(OPEN)
        # Lambda cannot keep bytecode either.
        | {"PYTHONPATH": _import_path(make, folder=folder), "PYTHONDONTWRITEBYTECODE": "1"},
        event=_event(),
    )


def _import_path(function: BuiltFunction, *, folder: Path) -> str:
    return os.pathsep.join(map(str, unpack(function, folder=folder)))


def _event() -> Mapping[str, Any]:
    """Return what CloudFront sends to the function, after its edge function."""
    url = split_url(f"/{_KEY}", urlencode({"width": WIDTH, "format": "jpeg"}))
    key = result_key(
        url,
        bucket=SOURCES,
        accepted=AcceptedType.PLAIN,
        presets_with_type=OPEN.presets_with_type,
        generation=OPEN.generation,
    )
    return {
        "rawPath": f"/{key}",
        "headers": {URL_HEADER: url.address},
        "requestContext": {"requestId": "bench", "http": {"method": "GET"}},
    }


def _each_time_a_miss(way: Way, *, emulator: Emulator) -> Way:
    s3 = emulator.endpoints.s3

    def miss() -> float:
        for there in s3.list_objects_v2(Bucket=RESULTS).get("Contents", []):
            s3.delete_object(Bucket=RESULTS, Key=there["Key"])
        return way()

    return miss


def _like_sih(folder: Path, *, emulator: Emulator) -> _Function:
    if not (_MODULES / "esbuild").is_dir():
        raise SystemExit("esbuild is not installed. Run npm ci --ignore-scripts --prefix bench")
    bundle = folder / "like_sih.cjs"
    options = ["--bundle", "--platform=node", "--target=node24", "--external:sharp", "--log-level=error"]
    subprocess.run(  # noqa: S603
        ["node", str(_MODULES / "esbuild/bin/esbuild"), str(_FOLDER / "like_sih.mjs"), *options, f"--outfile={bundle}"],  # noqa: S607
        check=True,
    )
    return _Function(
        command=["node", "--eval", _NODE],
        environment=emulator.endpoints.environment()
        | {
            "BUNDLE": str(bundle),
            "NODE_PATH": str(_MODULES),
            "NODE_EXTRA_CA_CERTS": str(emulator.endpoints.ca_bundle),
        },
        event={"bucket": SOURCES, "key": _KEY, "width": WIDTH, "format": "jpeg"},
    )


def _run(
    command: Sequence[str], *, environment: Mapping[str, str], event: Mapping[str, Any] | None
) -> tuple[float, str]:
    process = subprocess.Popen(  # noqa: S603
        command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - they are pipes
    with process.stdin, process.stdout:
        process.stdin.write(json.dumps(event).encode())
        process.stdin.close()
        output = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, output


if __name__ == "__main__":
    show(measure)
