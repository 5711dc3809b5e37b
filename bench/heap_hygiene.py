"""The cost of hiding the memory of previous files from a decoder: `python -m bench.heap_hygiene`.

The methods to keep a worker's memory clean take turns on each picture. Each is also checked: a first file leaves marks
in blocks of memory and with a library, and a second file looks for them. The times are elapsed times, because a worker
is another process. On a busy machine, trust the ratios and not the milliseconds.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from functools import partial
from io import BytesIO
from time import perf_counter
from unittest.mock import patch

from PIL import Image
from tests.unit.raw_pictures import dng
from tests.unit.robustness import fake_decoders

from bench.child_process import photograph
from bench.results import Result, Table
from bench.rounds import Way, take_turns
from bench.show import show
from imagekit.decoding.limits import inspect
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Worker
from safelight_contracts.development import DEFAULT_DEVELOPMENT
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Fit, Rendition

USES = "imagekit.sandbox.image_tasks"
FAKES = fake_decoders.__name__
# Starts the worker without the child: the worker runs the task itself, as before.
KEPT = (
    "import sys; sys.path[:] = {path!r}; from imagekit.sandbox import process as sandbox; "
    "sandbox._in_a_child = lambda do: do(); sandbox.serve({uses!r})"
)
PERTURBED = {"MALLOC_PERTURB_": "255"}
TUNED = {"GLIBC_TUNABLES": "glibc.malloc.perturb=255:glibc.malloc.tcache_count=0"}
MARK = b"a private page "

# Seconds. Filling memory takes long.
_PATIENT = 600
LIMITS = Limits()
RENDITIONS = [
    Rendition(name=str(width), width=width, height=None, fit=Fit.INSIDE, type=ImageType.JPEG) for width in (1280, 320)
]
PICTURES: dict[str, Callable[[], bytes]] = {
    "icon, PNG": partial(photograph, 96, 96, "PNG"),
    "2 MP, JPEG": partial(photograph, 1600, 1200, "JPEG"),
    "12 MP, JPEG": partial(photograph, 4000, 3000, "JPEG"),
    "24 MP, RAW": lambda: dng(Image.open(BytesIO(photograph(6000, 4000, "JPEG")))),
}


def measure(*, rounds: int) -> Result:
    """Compare the methods on each picture, and show which are effective."""
    by_child = Worker(uses=[USES, FAKES], standstill_seconds=_PATIENT)
    with ExitStack() as ended:
        kept = {
            "persistent worker, no cleaning": ended.enter_context(closing(persistent_worker({}))),
            "kept worker, MALLOC_PERTURB_": ended.enter_context(closing(persistent_worker(PERTURBED))),
            "persistent worker, perturbed without tcache": ended.enter_context(closing(persistent_worker(TUNED))),
            "a child for each file": ended.enter_context(closing(by_child)),
        }
        seen = {way: seen_by(worker) for way, worker in kept.items()} | {"a new worker for each file": "nothing"}
        rows = []
        for name, make in PICTURES.items():
            data = make()
            task = rendering(data)
            ways = {way: by_clock(partial(worker.perform, task, data=data)) for way, worker in kept.items()}
            ways["a new worker for each file"] = by_clock(partial(by_new_worker, task, data=data))
            medians = take_turns(ways, rounds=rounds)
            rows += [(name, way, medians.ms(way), medians.ratio(way, to=next(iter(ways))), seen[way]) for way in ways]
    columns = {
        "picture": "",
        "way": "",
        "ms": ".1f",
        "times nothing done": ".2f",
        "visible parts of the previous file": "",
    }
    note = "Two JPEG renditions of 1280 and 320 pixels, from the file in memory to files in memory."
    return Result(tables=[Table(title="Clean memory", note=note, columns=columns, rows=rows)], goals=[])


def persistent_worker(environment: Mapping[str, str]) -> Worker:
    """Start a worker that processes all files itself, with additional environment variables."""
    with patch("imagekit.sandbox.worker._START", KEPT), patch.dict("imagekit.sandbox.worker._THRIFTY", environment):
        return Worker(uses=[USES, FAKES], standstill_seconds=_PATIENT)


def rendering(data: bytes) -> Task:
    """Make the task that renders a picture."""
    header = inspect(data, limits=LIMITS)
    return Task(
        use=f"{USES}:make_renditions",
        arguments={"header": header, "renditions": RENDITIONS, "development": DEFAULT_DEVELOPMENT},
        max_memory=1_500_000_000,
        max_seconds=600,
        imports=["rawpy"] if header.type is ImageType.RAW else [],
    )


def by_new_worker(task: Task, *, data: bytes) -> None:
    """Run a task in a worker that is started for it, without the fakes."""
    with closing(Worker(uses=[USES])) as worker:
        worker.perform(task, data=data)


def by_clock(do: Callable[[], object]) -> Way:
    """Make a method that runs in another process."""

    def way() -> float:
        start = perf_counter()
        do()
        return perf_counter() - start

    return way


def seen_by(worker: Worker) -> str:
    """Leave marks with one file, look for them with another, and return where they were found."""
    tasks = [
        Task(use=f"{FAKES}:{use}", arguments={}, max_memory=500_000_000, max_seconds=10)
        for use in ("leave_in_memory", "publish_memory")
    ]
    worker.perform(tasks[0], data=MARK)
    published = worker.perform(tasks[1], data=b"another file").files
    blocks = len(fake_decoders.BLOCK_SIZES) * fake_decoders.BLOCKS_OF_A_SIZE
    sizes = sorted({len(block) for block in published[:blocks] if b"private" in block})
    found = [f"blocks of {', '.join(f'{size:,}' for size in sizes)} bytes"] if sizes else []
    found += ["data that a library keeps"] if published[blocks:] else []
    return " and ".join(found) or "nothing"


if __name__ == "__main__":
    show(measure)
