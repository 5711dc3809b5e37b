"""Requests a second for images that are not stored yet: `python -m bench.delivery.requests`.

A photograph of 2048 px is scaled to 512 px, and written as the type that it has. Safelight and sharp each run behind
the HTTP server of their language, in two processes with one connection each. The sources are in memory, and nothing is
cached, so neither waits for storage. Safelight parses the URL, checks the header and makes the image in its worker, as
the function does between its reads and writes. sharp does what a call of it does, with one thread a process and its own
defaults. The two take turns, so that other load on the machine slows both.

imgproxy publishes 80, 19, 22 and 13 requests a second for JPEG, PNG, WebP and AVIF, on other hardware.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench.photographs import photograph_2k, written_again
from bench.results import Goal, Result, Table
from bench.rounds import Medians, take_turns
from bench.show import show

PROCESSES = 2
WIDTH = 512
ENGINE, SHARP = "Safelight", "sharp"

# By type: how many requests each process gets in a round. AVIF of sharp takes longest.
_REQUESTS: Mapping[str, int] = {"jpeg": 20, "png": 10, "webp": 10, "avif": 4}
_FOLDER = Path(__file__).parent
_COMMANDS: Mapping[str, Sequence[str]] = {
    ENGINE: [sys.executable, "-m", "bench.delivery.engine_server"],
    SHARP: ["node", str(_FOLDER / "sharp_server.mjs")],
}


@dataclass(frozen=True, kw_only=True)
class _Server:
    """The connections to the processes of one way."""

    connections: Sequence[http.client.HTTPConnection]

    def seconds(self, image_format: str) -> float:
        """Send a round of requests, and return how long one takes, by the clock."""
        start = time.perf_counter()
        with ThreadPoolExecutor(max_workers=PROCESSES) as threads:
            list(threads.map(partial(self._send, image_format), self.connections))
        return (time.perf_counter() - start) / (_REQUESTS[image_format] * PROCESSES)

    def get(self, image_format: str) -> bytes:
        """Return one image."""
        return _get(self.connections[0], image_format)

    @staticmethod
    def _send(image_format: str, connection: http.client.HTTPConnection) -> None:
        for _ in range(_REQUESTS[image_format]):
            _get(connection, image_format)


def measure(*, rounds: int) -> Result:
    """Compare the requests a second by type."""
    with TemporaryDirectory() as name, _all_cores():
        files = _write_sources(Path(name))
        with ExitStack() as stack:
            servers = {way: stack.enter_context(_running(command, files=files)) for way, command in _COMMANDS.items()}
            medians = {one: _measure_one(servers, image_format=one, rounds=rounds) for one in _REQUESTS}
    ratios = {one: of_one.ratio(SHARP, to=ENGINE) for one, of_one in medians.items()}
    return Result(
        tables=[
            Table(
                title="Requests a second, of misses",
                note=f"2048 px to {WIDTH} px, from and to the same type. Both behind a plain HTTP server, with "
                f"{PROCESSES} processes on {PROCESSES} cores, the source in memory, nothing cached and their own "
                "defaults. Elapsed time. imgproxy publishes 80, 19, 22 and 13 on other hardware.",
                columns={"type": "", ENGINE: ".1f", SHARP: ".1f", "times sharp's": ".2f"},
                rows=[
                    (one.upper(), 1 / of_one.seconds[ENGINE], 1 / of_one.seconds[SHARP], ratios[one])
                    for one, of_one in medians.items()
                ],
            )
        ],
        goals=[
            Goal(
                goal="requests a second for each type: at least sharp's",
                measured=", ".join(f"{one.upper()} {ratio:.2f}" for one, ratio in ratios.items()),
                holds=min(ratios.values()) >= 1,
            )
        ],
    )


def _measure_one(servers: Mapping[str, _Server], *, image_format: str, rounds: int) -> Medians:
    for way, server in servers.items():
        made = Image.open(BytesIO(server.get(image_format)))
        if made.width != WIDTH or made.format != image_format.upper():
            raise SystemExit(f"{way} answered {made.format} of {made.width} pixels")
    return take_turns({way: partial(server.seconds, image_format) for way, server in servers.items()}, rounds=rounds)


def _write_sources(folder: Path) -> list[str]:
    data = photograph_2k()
    sources = {
        "jpeg": data,
        "png": written_again(data, "PNG"),
        "webp": written_again(data, "WEBP", quality=90),
        "avif": written_again(data, "AVIF", quality=80, speed=8),
    }
    for image_format, source in sources.items():
        (folder / f"photograph.{image_format}").write_bytes(source)
    return [str(folder / f"photograph.{image_format}") for image_format in sources]


@contextmanager
def _running(command: Sequence[str], *, files: Sequence[str]) -> Iterator[_Server]:
    with ExitStack() as stack:
        processes = [
            subprocess.Popen([*command, str(WIDTH), *files], stdout=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(PROCESSES)
        ]
        for process in processes:
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield _Server(connections=[stack.enter_context(_connection(process)) for process in processes])


@contextmanager
def _connection(process: subprocess.Popen[str]) -> Iterator[http.client.HTTPConnection]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with process.stdout as output:
        port = output.readline()
        if not port:
            raise SystemExit("A server did not start.")
        connection = http.client.HTTPConnection("127.0.0.1", int(port))
        try:
            yield connection
        finally:
            connection.close()


def _get(connection: http.client.HTTPConnection, image_format: str) -> bytes:
    connection.request("GET", f"/{image_format}")
    answer = connection.getresponse()
    data = answer.read()
    if answer.status != 200:
        raise SystemExit(f"A server answered {answer.status}")
    return data


@contextmanager
def _all_cores() -> Iterator[None]:
    """Run on two cores instead of the one that the other subjects are pinned to."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(range(PROCESSES)))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


if __name__ == "__main__":
    show(measure)
