"""The result for a file does not depend on previous memory content."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from tests.unit.raw_pictures import dng, tiled_dng
from tests.unit.robustness.engine import LIMITS, PRESENTATION, outcomes_in_worker
from tests.unit.robustness.samples import SAMPLES, filled, flipped, truncated
from tests.unit.robustness.sandbox import heap_fill, outcomes_in_sandbox

from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageFault
from imagekit.sandbox.process import Task
from imagekit.sandbox.worker import Worker
from safelight_contracts.development import DEFAULT_DEVELOPMENT

FAKES = "tests.unit.robustness.fake_decoders"
ENGINE = "imagekit.sandbox.image_tasks"
FILLS = (0x00, 0xA5)
ON_GLIBC = pytest.mark.skipif(sys.platform != "linux", reason="only glibc fills memory on demand")

PAGE_SIZE = (1024, 768)


@pytest.fixture(scope="module")
def private() -> bytes:
    page = Image.new("RGB", PAGE_SIZE, "white")
    ImageDraw.Draw(page).text((20, 300), "A private page", fill="black", font_size=120)
    return dng(page)


@pytest.fixture(scope="module")
def without_pixels() -> bytes:
    tiled = tiled_dng(Image.new("RGB", PAGE_SIZE), side=256)
    return tiled.data[: tiled.tiles[0]]


@ON_GLIBC
@pytest.mark.thorough
@pytest.mark.parametrize("name", SAMPLES)
def test_results_do_not_depend_on_previous_memory_content(name: str, tmp_path: Path) -> None:
    data = SAMPLES[name]
    files = dict([("whole", data), *truncated(data, places=30), *flipped(data, count=30), *filled(data, count=6)])
    by_fill = []
    for byte in FILLS:
        folder = tmp_path / f"{byte:02x}"
        folder.mkdir()
        by_fill.append(outcomes_in_sandbox(files, folder=folder, environment=heap_fill(byte)))
    one, other = by_fill
    assert {broken: (one[broken], other[broken]) for broken in files if one[broken] != other[broken]} == {}


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(uses=[FAKES, ENGINE])
    yield made
    made.close()


def published(worker: Worker, use: str, *, data: bytes, **arguments: object) -> bytes:
    task = Task(use=use, arguments=arguments, max_memory=500_000_000, max_seconds=10)
    return b"".join(worker.perform(task, data=data).files)


@ON_GLIBC
@pytest.mark.parametrize("byte", FILLS)
def test_a_decoder_finds_the_fill_in_memory(monkeypatch: pytest.MonkeyPatch, byte: int) -> None:
    monkeypatch.setattr("imagekit.sandbox.starting._THRIFTY", heap_fill(byte))
    with closing(Worker(uses=[FAKES])) as worker:
        assert set(published(worker, f"{FAKES}:publish_memory", data=b"a file")) == {byte}


def test_a_raw_file_without_a_pixel_is_unreadable_after_a_private_page_in_one_worker(
    private: bytes, without_pixels: bytes
) -> None:
    for _ in range(3):
        assert not set(outcomes_in_worker(private).values()) & set(ImageFault)
        outcomes = outcomes_in_worker(without_pixels)
        assert outcomes["prepared"] == outcomes["renditions"] == ImageFault.UNREADABLE_IMAGE


def test_libraw_itself_finds_nothing_of_the_private_page_before(
    worker: Worker, private: bytes, without_pixels: bytes
) -> None:
    header = inspect(private, limits=LIMITS)
    for _ in range(3):
        published(
            worker,
            f"{ENGINE}:prepare",
            data=private,
            header=header,
            development=DEFAULT_DEVELOPMENT,
            presentation=PRESENTATION,
        )
        assert not any(published(worker, f"{FAKES}:unpack_raw", data=without_pixels))
