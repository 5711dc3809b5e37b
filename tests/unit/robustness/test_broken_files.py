from pathlib import Path

import pytest
from tests.unit.pictures import encoded, four_corners
from tests.unit.robustness.engine import outcomes_of
from tests.unit.robustness.samples import SAMPLES, filled, flipped, truncated
from tests.unit.robustness.sandbox import ENDED, outcomes_in_sandbox

from imagekit.rejection import ImageFault


@pytest.fixture(scope="module")
def in_another_process(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return outcomes_in_sandbox(SAMPLES, folder=tmp_path_factory.mktemp("samples"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_whole_file_gives_the_same_bytes_each_time_and_in_another_process(
    name: str, in_another_process: dict[str, dict[str, str]]
) -> None:
    first, again = outcomes_of(SAMPLES[name]), outcomes_of(SAMPLES[name])
    assert not set(first.values()) & set(ImageFault)
    assert again == first
    assert in_another_process[name] == first


@pytest.mark.parametrize("name", SAMPLES)
def test_a_broken_file_gives_a_value_or_a_rejection(name: str, tmp_path: Path) -> None:
    data = SAMPLES[name]
    broken = dict([*truncated(data), *flipped(data), *filled(data)])
    outcomes = outcomes_in_sandbox(broken, folder=tmp_path)
    assert {broken: outcome[ENDED] for broken, outcome in outcomes.items() if ENDED in outcome} == {}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_truncated_at_50_places(name: str) -> None:
    assert len({data for _, data in truncated(SAMPLES[name])}) == 50


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        bytes(100_000),
        b"\xff" * 100_000,
        b"Dear reader,\n" * 100,
    ],
    ids=["no byte", "one byte", "zero bytes", "ones", "a text file"],
)
def test_a_file_that_is_not_an_image_is_unreadable(data: bytes) -> None:
    assert set(outcomes_of(data).values()) == {ImageFault.UNREADABLE_IMAGE}


@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_one_pixel_is_an_image(image_type: str) -> None:
    assert not set(outcomes_of(encoded(four_corners(1, 1), image_type)).values()) & set(ImageFault)
