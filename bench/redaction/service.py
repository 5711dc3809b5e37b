"""The whole work on a photograph of 24 megapixels, detection excepted: `python -m bench.redaction.service`.

Ours reads the header, makes the pictures that the detector gets, covers the faces and writes the file, in its worker.
AWS's sample of a service that blurs faces starts GraphicsMagick, which blurs the part of each face with `-region` and
`-blur`, and writes the file. Both read and write a JPEG on this machine: transfers from and to S3 are not counted.
"""

import os
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bench.photographs import photograph_24_mp
from bench.redaction.photo import faces
from bench.results import Goal, Result, Table, at_most
from bench.rounds import Way, take_turns, timed_command
from bench.show import show
from imagekit.decoding.limits import inspect
from imagekit.geometry import Size
from imagekit.redaction.pixel_boxes import pixel_box
from imagekit.redaction.search_places import first_places
from imagekit.sandbox.redaction import opened_in_sandbox, worker
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.boxes import Box
from safelight_contracts.redaction.redact import Redact

MOST_OF_THE_SAMPLE = 0.25
NUMBERS = (1, 5, 20)
WITHOUT_GM = "GraphicsMagick is not installed, so its row is omitted. On Debian, run `apt install graphicsmagick`."

_SIZE = Size(width=6000, height=4000)
_REDACT = Redact()
_OURS, _SAMPLE = "Safelight", "sample with GraphicsMagick"


def measure(*, rounds: int) -> Result:
    """Compare ours with the sample for 1, 5 and 20 faces."""
    data = photograph_24_mp()
    has_sample = shutil.which("gm") is not None
    with TemporaryDirectory() as folder:
        file = Path(folder) / "photograph.jpg"
        file.write_bytes(data)
        ways: dict[str, Way] = {}
        for number in NUMBERS:
            boxes = faces(number, image=_SIZE)
            ways[f"{_OURS} {number}"] = partial(_ours, data, boxes=boxes)
            if has_sample:
                ways[f"{_SAMPLE} {number}"] = timed_command(*_sample(file, boxes=boxes))
        medians = take_turns(ways, rounds=rounds)
    worker.close()
    goals: list[Goal] = []
    if has_sample:
        goals = [
            at_most(
                MOST_OF_THE_SAMPLE,
                medians.ratio(f"{_OURS} {number}", to=f"{_SAMPLE} {number}"),
                goal=f"whole photo service, faces: {number}, at most {MOST_OF_THE_SAMPLE} of the sample",
            )
            for number in NUMBERS
        ]
    return Result(
        tables=[
            Table(
                title="The whole service on a photograph of 24 MP",
                note="Milliseconds of processor time, detection excepted." + ("" if has_sample else f" {WITHOUT_GM}"),
                columns={"way": "", **{f"faces: {number}": ".0f" for number in NUMBERS}},
                rows=[
                    (way, *(medians.ms(f"{way} {number}") for number in NUMBERS))
                    for way in ((_OURS, _SAMPLE) if has_sample else (_OURS,))
                ],
            )
        ],
        goals=goals,
    )


def _ours(data: bytes, *, boxes: Sequence[Box]) -> float:
    before = process_time() + _spent_by_worker()
    limits = Limits()
    header = inspect(data, limits=limits)
    with opened_in_sandbox(data, header=header, limits=limits) as image:
        image.show(first_places(_SIZE))
        image.redact(boxes=boxes, redact=_REDACT)
    return process_time() + _spent_by_worker() - before


def _spent_by_worker() -> float:
    """Return the processor time of the worker and of its children, which all have ended."""
    pid = worker.start().pid
    # The fields from the third one on. See proc_pid_stat(5).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _sample(file: Path, *, boxes: Sequence[Box]) -> list[str]:
    command = ["gm", "convert", str(file)]
    for box in boxes:
        area = pixel_box(box, image=_SIZE, padding=0)
        if area is not None:
            place = f"{area.right - area.left}x{area.bottom - area.top}+{area.left}+{area.top}"
            command += ["-region", place, "-blur", "0x70"]
    return [*command, str(file.with_name("blurred.jpg"))]


if __name__ == "__main__":
    show(measure)
