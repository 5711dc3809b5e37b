import pytest
from tests.unit.imagekit.redaction.redacting import face

from imagekit.geometry import Box, Size
from imagekit.redaction.plates import VEHICLES, plates
from safelight_contracts.redaction.boxes import Box as Text
from safelight_contracts.redaction.boxes import BoxKind

IMAGE = Size(width=2000, height=1000)
CAR = Box(left=0.2, top=0.2, right=0.6, bottom=0.8)


def text(left: float, top: float, width: float, height: float) -> Text:
    return face(left, top, width, height, kind=BoxKind.TEXT)


@pytest.mark.parametrize(("left", "top"), [(0.35, 0.83), (0.35, 0.14), (0.12, 0.5), (0.58, 0.5)])
def test_a_text_just_beyond_the_edge_of_a_vehicle_is_a_plate(left: float, top: float) -> None:
    assert plates([text(left, top, 0.1, 0.02)], vehicles=[CAR], image=IMAGE)


def test_a_text_whose_centre_is_in_a_vehicle_is_a_plate() -> None:
    inside, outside = text(0.35, 0.7, 0.1, 0.02), text(0.7, 0.7, 0.1, 0.02)
    (plate,) = plates([inside, outside], vehicles=[CAR], image=IMAGE)
    assert plate.kind is BoxKind.PLATE
    assert plate.left < 0.35 < 0.45 < plate.right


def test_a_text_that_overhangs_a_vehicle_is_a_plate_if_its_centre_is_near() -> None:
    assert plates([text(0.52, 0.7, 0.1, 0.02)], vehicles=[CAR], image=IMAGE)
    assert not plates([text(0.61, 0.7, 0.1, 0.02)], vehicles=[CAR], image=IMAGE)


def test_a_plate_reaches_beyond_its_text_by_the_height_in_pixels() -> None:
    # 100 x 40 pixels: 40 more on the left and on the right, and 16 above and below.
    (plate,) = plates([text(0.35, 0.6, 0.05, 0.04)], vehicles=[CAR], image=IMAGE)
    sides = (plate.left * 2000, plate.right * 2000, plate.top * 1000, plate.bottom * 1000)
    assert sides == pytest.approx((660, 840, 584, 656))


def test_the_ends_of_a_long_plate_are_covered_by_a_quarter_of_its_width() -> None:
    (plate,) = plates([text(0.3, 0.6, 0.2, 0.02)], vehicles=[CAR], image=IMAGE)
    assert (plate.left, plate.right) == pytest.approx((0.25, 0.55))


def test_a_text_in_two_vehicles_is_one_plate() -> None:
    assert len(plates([text(0.35, 0.7, 0.1, 0.02)], vehicles=[CAR, CAR], image=IMAGE)) == 1


def test_without_vehicles_there_are_no_plates() -> None:
    assert plates([text(0.35, 0.7, 0.1, 0.02)], vehicles=[], image=IMAGE) == []


def test_names_of_vehicles_are_casefolded() -> None:
    assert {"car", "truck", "bus", "motorcycle", "van", "automobile"} <= VEHICLES
    assert all(name == name.casefold() for name in VEHICLES)
