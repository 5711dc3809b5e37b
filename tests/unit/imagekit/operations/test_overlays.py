import numpy as np
import pytest
from PIL import Image
from tests.unit.imagekit.operations.making import Pixels, file_of, flat, make, noise, read, result
from tests.unit.pictures import CORNERS, corners_of, photograph

from imagekit.operations.delivered import EncodedImage
from safelight_contracts.delivery.overlays import Distance, Overlay, Place, Unit
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import Flip
from safelight_contracts.image_types import ImageType

GROUND = flat(60, 40, 0, 0, 200)
MARK = flat(10, 4, 200, 0, 0)


def mark(x: Distance | Place = Place.CENTER, y: Distance | Place = Place.CENTER, **given: float) -> Overlay:
    return Overlay(bucket=None, key="mark.png", x=x, y=y, **given)


def laid(overlay: Overlay, *, ground: Pixels = GROUND, image: Pixels = MARK) -> Pixels:
    return result(ground, overlay, overlays={overlay: read(file_of(image))})


def at(left: int, top: int, *, image: Pixels = MARK) -> Pixels:
    """Return the ground with the whole image at a place."""
    expected = GROUND.copy()
    expected[top : top + image.shape[0], left : left + image.shape[1]] = image
    return expected


@pytest.mark.parametrize(
    ("x", "y", "left", "top"),
    [
        (Place.CENTER, Place.CENTER, 25, 18),
        (Distance(value=3), Distance(value=5), 3, 5),
        (Distance(value=3, from_end=True), Distance(value=5, from_end=True), 47, 31),
        (Distance(value=50, unit=Unit.PERCENT), Distance(value=25, unit=Unit.PERCENT), 30, 10),
        (Distance(value=10, unit=Unit.PERCENT, from_end=True), Distance(value=0, from_end=True), 44, 36),
    ],
)
def test_an_overlay_has_a_place(x: Distance | Place, y: Distance | Place, left: int, top: int) -> None:
    assert np.array_equal(laid(mark(x, y)), at(left, top))


def test_what_extends_beyond_the_picture_is_cut() -> None:
    expected = GROUND.copy()
    expected[38:, 55:] = (200, 0, 0)
    assert np.array_equal(laid(mark(Distance(value=55), Distance(value=38))), expected)


def test_an_overlay_beyond_the_picture_is_not_seen() -> None:
    assert np.array_equal(laid(mark(Distance(value=900), Distance(value=900, from_end=True))), GROUND)


def test_an_overlay_is_repeated_across_and_down() -> None:
    image = noise(7, 3)
    expected = np.tile(image, (14, 9, 1))[:40, :60]
    assert np.array_equal(laid(mark(Place.REPEAT, Place.REPEAT), image=image), expected)


def test_an_overlay_is_repeated_in_one_row() -> None:
    expected = GROUND.copy()
    expected[5:9] = (200, 0, 0)
    assert np.array_equal(laid(mark(Place.REPEAT, Distance(value=5))), expected)


def test_opacity_mixes_the_colors() -> None:
    made = laid(mark(Distance(value=0), Distance(value=0), opacity=0.25))
    assert made[0, 0].tolist() == pytest.approx([50, 0, 150], abs=1)
    assert made.shape[2] == 3


def test_transparent_parts_of_an_overlay_show_the_picture() -> None:
    image = flat(10, 4, 200, 0, 0, 255)
    image[:, 5:, 3] = 0
    assert np.array_equal(laid(mark(Distance(value=0), Distance(value=0)), image=image), at(0, 0, image=MARK[:, :5]))


def test_a_transparent_picture_is_covered() -> None:
    made = laid(mark(Distance(value=0), Distance(value=0)), ground=flat(60, 40, 9, 9, 9, 0))
    assert made[0, 0].tolist() == [200, 0, 0, 255]
    assert made[20, 20].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("ratios", "size"),
    [
        ({"width_ratio": 50}, (30, 12)),
        ({"height_ratio": 5}, (5, 2)),
        ({"width_ratio": 100, "height_ratio": 20}, (20, 8)),
        ({"height_ratio": 100}, (60, 24)),
    ],
)
def test_ratios_bound_its_size(ratios: dict[str, float], size: tuple[int, int]) -> None:
    made = laid(mark(Distance(value=0), Distance(value=0), **ratios))
    assert np.array_equal(made, at(0, 0, image=flat(*size, 200, 0, 0)))


def test_an_overlay_larger_than_the_picture_is_reduced() -> None:
    made = laid(mark(), image=flat(120, 40, 200, 0, 0))
    assert np.array_equal(made, at(0, 10, image=flat(60, 20, 200, 0, 0)))


def test_a_picture_can_have_several_overlays() -> None:
    first, second = mark(Distance(value=0)), mark(Distance(value=0, from_end=True))
    made = result(GROUND, first, second, overlays={one: read(file_of(MARK)) for one in (first, second)})
    assert made[20, 5].tolist() == made[20, 55].tolist() == [200, 0, 0]


def test_an_overlay_is_upright() -> None:
    overlay = mark(width_ratio=100, height_ratio=100)
    made = result(GROUND, overlay, overlays={overlay: read(photograph(width=60, height=40, orientation=6))})
    assert corners_of(Image.fromarray(made)) == {corner: corner for corner in CORNERS}


@pytest.mark.parametrize("kind", ["truncated", "corrupt"])
def test_a_damaged_overlay_is_refused(kind: str) -> None:
    overlay, file = mark(), read(file_of(noise(60, 40)))
    data = file.data[:-4000] if kind == "truncated" else file.data[:200] + bytes(2000) + file.data[2200:]
    with pytest.raises(RequestRefusedError) as refused:
        make(file_of(GROUND), overlay, overlays={overlay: EncodedImage(data=data, header=file.header)})
    assert (refused.value.refusal, refused.value.parameter) == (Refusal.DAMAGED, "overlay")


def test_an_overlay_that_is_larger_than_its_header_says_is_refused() -> None:
    overlay = mark()
    hostile = EncodedImage(data=file_of(noise(300, 300)), header=read(file_of(MARK)).header)
    with pytest.raises(RequestRefusedError) as refused:
        make(file_of(GROUND), Flip(horizontal=True), overlay, type=ImageType.PNG, overlays={overlay: hostile})
    assert refused.value.refusal is Refusal.DAMAGED
