"""The peer sharp, in a Node.js process of its own that is kept.

The process takes the time itself, by `process.cpuUsage`, from the call of sharp to the end of its promise: neither the
pipe to it nor reading the file counts. It has one thread of libvips, and no cache of operations.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bench.rounds import Way

Job = Mapping[str, object]
"""What a job needs beside its file."""

_FOLDER = Path(__file__).parent


class Sharp:
    """A process that answers until it is closed.

    Attributes
    ----------
    versions
        Of sharp and of Node.js.
    """

    def __init__(self) -> None:
        if not (_FOLDER / "node_modules" / "sharp").is_dir():
            raise SystemExit("sharp is not there: npm ci --ignore-scripts --prefix bench")
        self._process = subprocess.Popen(  # noqa: S603
            ["node", str(_FOLDER / "sharp.mjs")],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions: dict[str, str] = self._answer()

    def __enter__(self) -> "Sharp":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def way(self, what: str, *, file: Path, job: Job) -> Way:
        """Make a way of one of the jobs that `sharp.mjs` has.

        Parameters
        ----------
        what
            The job.
        file
            What it is done with; read once.
        job
            What else the job needs.
        """
        return lambda: self._do(what, file=file, job=job) / 1e6

    def made(self, what: str, *, file: Path, folder: Path, job: Job, count: int = 1) -> list[bytes]:
        """Do a job and give the files, or samples, that were made of it.

        Parameters
        ----------
        what, file, job
            As for `way`.
        folder
            For what is written on the way.
        count
            How many there are: 1 when left out.
        """
        self._do(what, file=file, job={**job, "save": f"{folder}/made-"})
        return [(folder / f"made-{index}").read_bytes() for index in range(count)]

    def pictures(self, what: str, *, file: Path, folder: Path, widths: Sequence[int]) -> list[Image.Image]:
        """Do a job that makes pictures, each as high as sharp makes it.

        Parameters
        ----------
        what, file, folder
            As for `made`.
        widths
            Of the pictures.
        """
        made = self.made(what, file=file, folder=folder, job={"widths": widths}, count=len(widths))
        return [
            Image.frombytes("RGB", (width, len(samples) // (3 * width)), samples)
            for width, samples in zip(widths, made, strict=True)
        ]

    def _do(self, what: str, *, file: Path, job: Job) -> int:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(json.dumps({"what": what, "file": str(file), **job}) + "\n")
        self._process.stdin.flush()
        return int(self._answer()["microseconds"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the process of sharp ended")
        answer: dict[str, Any] = json.loads(line)
        return answer
