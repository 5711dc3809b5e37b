"""Upright first: whatever the file's EXIF orientation, operations are about the picture as it is displayed."""

import pytest
from tests.unit.imagekit.operations.making import make
from tests.unit.pictures import CORNERS, ORIENTATIONS, corners_of, decoded, photograph

from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.shaping import Crop, FocalPoint, Resize, ResizeFit, Scale

SAME = {corner: corner for corner in CORNERS}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("image_type", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_upright_before_it_is_resized(image_type: str, orientation: int) -> None:
    data = photograph(width=240, height=160, orientation=orientation, image_type=image_type)
    made = make(data, Resize(width=120))
    assert (made.width, made.height) == decoded(made.data).size == (120, 80)
    assert corners_of(decoded(made.data)) == SAME


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(
    ("operation", "size", "corner"),
    [
        (Crop(left=0, top=0, right=100, bottom=70), (100, 70), "top left"),
        (Resize(width=60, height=80, keep=FocalPoint(x=1, y=0)), (60, 80), None),
        (Resize(width=40, height=20, keep=FocalPoint(x=1, y=1)), (40, 20), None),
        (Resize(width=480, height=320), (480, 320), None),
        (Resize(width=60, height=60, fit=ResizeFit.FILL), (60, 60), None),
        (Scale(factor=0.25), (60, 40), None),
    ],
    ids=str,
)
def test_operations_are_about_the_upright_picture(
    operation: Operation, size: tuple[int, int], corner: str | None, orientation: int
) -> None:
    turned = make(photograph(width=240, height=160, orientation=orientation), operation)
    straight = make(photograph(width=240, height=160), operation)
    assert (turned.width, turned.height) == size
    assert corners_of(decoded(turned.data)) == corners_of(decoded(straight.data))
    if corner is not None:
        assert set(corners_of(decoded(turned.data)).values()) == {corner}


def test_no_orientation_is_left_in_the_file() -> None:
    assert not decoded(make(photograph(width=60, height=40, orientation=6)).data).getexif()
