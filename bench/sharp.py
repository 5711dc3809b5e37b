"""sharp, in a persistent Node.js process.

The process measures the time itself with `process.cpuUsage`, from the call of sharp to the end of its promise. The pipe
and reading the file do not count. libvips has one thread and no cache of operations.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from bench.rounds import Way

Job = Mapping[str, object]
"""The options of a job."""

_FOLDER = Path(__file__).parent


class Sharp:
    """A process that runs jobs until it is closed.

    Attributes
    ----------
    versions
        The versions of sharp and of Node.js.
    """

    def __init__(self) -> None:
        if not (_FOLDER / "node_modules" / "sharp").is_dir():
            raise SystemExit("sharp is not installed. Run npm ci --ignore-scripts --prefix bench")
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
        """Make a method that runs one of the jobs of `sharp.mjs`.

        Parameters
        ----------
        what
            The job.
        file
            The file of the job. It is read once.
        job
            The options of the job.
        """
        return lambda: self._do(what, file=file, job=job) / 1e6

    def made(self, what: str, *, file: Path, folder: Path, job: Job, count: int = 1) -> list[bytes]:
        """Run a job and return its files or samples.

        Parameters
        ----------
        what, file, job
            As for `way`.
        folder
            A folder for temporary files.
        count
            Number of files. Default: 1.
        """
        self._do(what, file=file, job={**job, "save": f"{folder}/made-"})
        return [(folder / f"made-{index}").read_bytes() for index in range(count)]

    def pictures(self, what: str, *, file: Path, folder: Path, widths: Sequence[int]) -> list[Image.Image]:
        """Run a job that makes pictures. sharp chooses their heights.

        Parameters
        ----------
        what, file, folder
            As for `made`.
        widths
            The widths of the pictures.
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
            raise SystemExit("The process of sharp ended.")
        answer: dict[str, Any] = json.loads(line)
        return answer
