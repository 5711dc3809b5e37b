"""What it costs to decode in a child process with limits on memory and time, which no decoder gets out of.

Run it from the root as `python bench/child_process.py [--rounds N] [--json FILE] [PICTURE ...]`. Each is rendered
in four ways that take turns: in the process itself; in a fork of it; in a new interpreter; and in a worker that is kept
and answers one file after the other. The table gives the median of each way in milliseconds, how many times that of the
process itself it is, and the memory that the child had to itself at the end. A file that a decoder breaks on ends the
child alone: in the process itself, it ends the function, with all that its snapshot and its clients took to make.
"""

import argparse
import json
import os
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import IO

from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "lambdas"))

MAX_ADDRESSES = 1_500_000_000
"""Bytes of addresses that a child may have: what a function with 1,769 MB can spare."""

MAX_PROCESSOR_SECONDS = 30
WIDTHS = (1920, 1280, 640, 320)  # those of the default renditions
_ANSWER = struct.Struct(">QQ")
_QUESTION = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Renditions, one behind the other, and the bytes of memory that whoever made them had to itself."""

    files: bytes
    private_bytes: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one picture took in one way."""

    picture: str
    way: str
    milliseconds: float
    times_in_process: float
    private_megabytes: float


def photograph(width: int, height: int, image_type: str, **options: object) -> bytes:
    """Write a smooth picture with a little noise, which compresses about as a photograph does."""
    bands = [Image.linear_gradient("L").rotate(90 * band).resize((width, height)) for band in range(3)]
    noise = Image.effect_noise((1000, 1000), 12).resize((width, height))
    file = BytesIO()
    Image.merge("RGB", [Image.blend(band, noise, 0.1) for band in bands]).save(file, image_type, **options)
    return file.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "icon, PNG": lambda: photograph(96, 96, "PNG"),
    "2 MP, JPEG": lambda: photograph(1600, 1200, "JPEG"),
    "12 MP, JPEG": lambda: photograph(4000, 3000, "JPEG"),
    "12 MP, AVIF": lambda: photograph(4000, 3000, "AVIF", speed=10),
    "12 MP, WebP": lambda: photograph(4000, 3000, "WEBP", method=0),
}


def rendered(data: bytes) -> bytes:
    """Do what the step Resize does with a file."""
    from imagekit.decode import inspect
    from imagekit.geometry import Fit
    from imagekit.image_type import ImageType
    from imagekit.limits import Limits
    from imagekit.render import render
    from imagekit.rendition import Rendition

    renditions = [
        Rendition(name=str(width), width=width, height=None, fit=Fit.INSIDE, type=ImageType.JPEG) for width in WIDTHS
    ]
    images = render(data, header=inspect(data, limits=Limits()), renditions=renditions)
    return b"".join(image.data for image in images)


def limit_this_process() -> None:
    """Set limits that the system holds this process to from now on; the time counts from here."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESSES, MAX_ADDRESSES))
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + 1 + MAX_PROCESSOR_SECONDS
    # Of a worker that is kept, the time is set anew for each file; what is set hard could not be.
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))


def private_bytes() -> int:
    """Give the memory that this process shares with none."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def send_answer(data: bytes, *, to: IO[bytes]) -> None:
    """Render a file within limits and send what came of it."""
    limit_this_process()
    files = rendered(data)
    to.write(_ANSWER.pack(len(files), private_bytes()) + files)
    to.flush()


def receive_answer(stream: IO[bytes]) -> Answer:
    """Read what `send_answer` sent; struct.error is raised where the child ended before."""
    length, private = _ANSWER.unpack(stream.read(_ANSWER.size))
    return Answer(files=stream.read(length), private_bytes=private)


def in_process(data: bytes) -> Answer:
    """Render here."""
    return Answer(files=rendered(data), private_bytes=0)


def forked(data: bytes) -> Answer:
    """Render in a fork, which has all modules already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as stream:
            send_answer(data, to=stream)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = receive_answer(stream)
    os.waitpid(child, 0)
    return answer


def new_interpreter(data: bytes) -> Answer:
    """Render in an interpreter that is started for this file."""
    with Worker() as worker:
        return worker.answer(data)


class Worker:
    """A child process that renders one file after the other, until it is closed."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--serve"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def answer(self, data: bytes) -> Answer:
        """Have a file rendered."""
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None  # noqa: S101 - both are pipes
        assert answers is not None  # noqa: S101
        questions.write(_QUESTION.pack(len(data)) + data)
        questions.flush()
        return receive_answer(answers)


def serve() -> None:
    """Be a worker: answer until there are no more questions."""
    while head := sys.stdin.buffer.read(_QUESTION.size):
        send_answer(sys.stdin.buffer.read(_QUESTION.unpack(head)[0]), to=sys.stdout.buffer)


def measure(name: str, *, data: bytes, rounds: int, worker: Worker) -> list[Row]:
    """Render a picture in each way in turn, after a first time that does not count."""
    ways = {"in process": in_process, "fork": forked, "new interpreter": new_interpreter, "kept worker": worker.answer}
    taken: dict[str, list[float]] = {way: [] for way in ways}
    private = dict.fromkeys(ways, 0)
    expected = rendered(data)
    for one_round in range(rounds + 1):
        for way, do in ways.items():
            start = perf_counter()
            answer = do(data)
            seconds = perf_counter() - start
            if answer.files != expected:
                raise SystemExit(f"{way}: not the renditions that are made in process")
            private[way] = answer.private_bytes
            if one_round > 0:
                taken[way].append(seconds)
    plain = median(taken["in process"])
    return [
        Row(
            picture=name,
            way=way,
            milliseconds=1000 * median(taken[way]),
            times_in_process=median(taken[way]) / plain,
            private_megabytes=private[way] / 1e6,
        )
        for way in ways
    ]


def main() -> None:
    """Print the table, or be a worker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="such as '12 MP, JPEG'; left out, all")
    parser.add_argument("--rounds", type=int, default=9, help="rounds that count (9)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve()
        return
    rows = []
    print(f"{'picture':<14} {'way':<16} {'ms':>8} {'times':>6} {'own MB':>7}")
    with Worker() as worker:
        for name in given.pictures or PICTURES:
            for row in measure(name, data=PICTURES[name](), rounds=given.rounds, worker=worker):
                rows.append(row)
                line = f"{row.milliseconds:>8.1f} {row.times_in_process:>6.2f} {row.private_megabytes:>7.0f}"
                print(f"{row.picture:<14} {row.way:<16} {line}", flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
