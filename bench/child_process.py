"""The cost of decoding in a worker instead of the function's own process: `python -m bench.child_process`.

Three methods take turns to render each picture: this process itself, the persistent worker, as in the steps, and a
worker that is started for the picture, as after a file that ended the previous worker.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from bench.results import Result, Table, at_most
from bench.rounds import Medians, take_turns, timed
from bench.show import show
from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from imagekit.rendering.rendition import RenderedImage
from imagekit.sandbox.images import render_in_sandbox, worker
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

LIMITS = Limits()
WIDTHS = (1920, 1280, 640, 320)
RENDITIONS = [
    Rendition(name=str(width), width=width, height=None, fit=Fit.INSIDE, type=ImageType.JPEG) for width in WIDTHS
]
PHOTOGRAPH = "12 MP, JPEG"
IN_PROCESS, KEPT, NEW = "in process", "kept worker", "new worker"


def photograph(width: int, height: int, image_type: str, **options: Any) -> bytes:
    """Write a smooth picture with a little noise, which compresses about as a photograph does."""
    bands = [Image.linear_gradient("L").rotate(90 * band).resize((width, height)) for band in range(3)]
    noise = Image.effect_noise((1000, 1000), 12).resize((width, height))
    file = BytesIO()
    Image.merge("RGB", [Image.blend(band, noise, 0.1) for band in bands]).save(file, image_type, **options)
    return file.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "icon, PNG": partial(photograph, 96, 96, "PNG"),
    "2 MP, JPEG": partial(photograph, 1600, 1200, "JPEG"),
    PHOTOGRAPH: partial(photograph, 4000, 3000, "JPEG"),
    "12 MP, AVIF": partial(photograph, 4000, 3000, "AVIF", speed=10),
    "12 MP, WebP": partial(photograph, 4000, 3000, "WEBP", method=0),
}


def measure(*, rounds: int) -> Result:
    """Compare the three methods on each picture."""
    medians = {name: _measure_one(make(), rounds=rounds) for name, make in PICTURES.items()}
    return Result(
        tables=[
            Table(
                title="Decoding in a worker",
                note="The four JPEG renditions of 1920, 1280, 640 and 320 pixels, from the file in memory to files in "
                f"memory. The persistent worker holds {_worker_memory() / 1e6:.0f} MB beside the function's own.",
                columns={"picture": "", "way": "", "ms": ".1f", "times in process": ".2f"},
                rows=[
                    (name, way, of_one.ms(way), of_one.ratio(way, to=IN_PROCESS))
                    for name, of_one in medians.items()
                    for way in (IN_PROCESS, KEPT, NEW)
                ],
            )
        ],
        goals=[
            at_most(
                1.25,
                medians[PHOTOGRAPH].ratio(KEPT, to=IN_PROCESS),
                goal="worker: renditions of a 12 MP JPEG in at most 1.25 of the time in process",
            )
        ],
    )


def _measure_one(data: bytes, *, rounds: int) -> Medians:
    header = inspect(data, limits=LIMITS)

    def by_worker() -> list[RenderedImage]:
        return render_in_sandbox(data, header=header, renditions=RENDITIONS, limits=LIMITS)

    def by_new_worker() -> list[RenderedImage]:
        worker.close()
        return by_worker()

    def in_process() -> list[RenderedImage]:
        return render(data, header=header, renditions=RENDITIONS)

    if by_worker() != in_process():
        raise SystemExit("The worker's renditions differ from those that are made in process.")
    return take_turns({IN_PROCESS: timed(in_process), KEPT: timed(by_worker), NEW: timed(by_new_worker)}, rounds=rounds)


def _worker_memory() -> int:
    lines = Path(f"/proc/{worker.pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


if __name__ == "__main__":
    show(measure)
