"""What the parts of a thumbor path mean."""

import pytest
from tests.unit.deliverykit.asked import SETTINGS, path_plan, refused

from deliverykit.plans import plan_of
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.shaping import (
    Auto,
    Corner,
    Crop,
    CropToFaces,
    Flip,
    FocalPixel,
    Focus,
    Gravity,
    Horizontal,
    Resize,
    ResizeFit,
    Rotate,
    Trim,
    Vertical,
)


def resize_of(path: str, *, dialect: Dialect = Dialect.SIH) -> Resize:
    (resize,) = (one for one in path_plan(path, dialect=dialect).operations if isinstance(one, Resize))
    return resize


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [
        ("300x200", 300, 200),
        ("300x", 300, Auto.RATIO),
        ("x200", Auto.RATIO, 200),
        ("300x0", 300, Auto.RATIO),
        ("0x200", Auto.RATIO, 200),
        ("300xorig", 300, Auto.ORIGINAL),
        ("origx200", Auto.ORIGINAL, 200),
    ],
)
def test_a_size_covers_its_box_and_can_leave_a_side_open(size: str, width: int | Auto, height: int | Auto) -> None:
    assert path_plan(size) == ImagePlan(operations=(Resize(width=width, height=height),))


def test_a_size_of_zeros_asks_for_the_picture_upright() -> None:
    assert path_plan("0x0") == ImagePlan()


@pytest.mark.parametrize(
    ("size", "flip"),
    [
        ("-300x200", Flip(horizontal=True)),
        ("300x-200", Flip(vertical=True)),
        ("-0x-0", Flip(horizontal=True, vertical=True)),
        ("-x200", Flip(horizontal=True)),
    ],
)
def test_a_minus_sign_flips_after_the_resize(size: str, flip: Flip) -> None:
    assert path_plan(size).operations[-1] == flip


@pytest.mark.parametrize(
    ("part", "fit", "is_adaptive"),
    [
        ("fit-in", ResizeFit.INSIDE, False),
        ("full-fit-in", ResizeFit.OUTSIDE, False),
        ("adaptive-fit-in", ResizeFit.INSIDE, True),
        ("adaptive-full-fit-in", ResizeFit.OUTSIDE, True),
    ],
)
def test_fit_in_crops_nothing(part: str, fit: ResizeFit, is_adaptive: bool) -> None:  # noqa: FBT001 - a case
    resize = resize_of(f"{part}/300x200")
    assert (resize.fit, resize.adaptive) == (fit, is_adaptive)


def test_a_cover_keeps_what_the_alignment_says() -> None:
    assert resize_of("300x200/right/top").keep == Gravity(horizontal=Horizontal.RIGHT, vertical=Vertical.TOP)
    assert resize_of("300x200/bottom").keep == Gravity(vertical=Vertical.BOTTOM)
    assert resize_of("300x200/center/middle").keep == Gravity()


def test_smart_keeps_what_attracts_attention_and_costs_no_detection() -> None:
    assert resize_of("300x200/left/smart").keep is Focus.ATTENTION


def test_a_crop_has_two_corners() -> None:
    assert path_plan("10x0:100x200").operations == (Crop(left=10, top=0, right=100, bottom=200),)


@pytest.mark.parametrize("crop", ["10x0:10x200", "10x20:100x20", "10x20:5x30", "0x0:0x0"])
def test_a_crop_has_an_area(crop: str) -> None:
    with refused(Refusal.BAD_PARAMETER, "crop"):
        path_plan(crop)


@pytest.mark.parametrize(
    ("part", "trim"),
    [
        ("trim:bottom-right:50", Trim(corner=Corner.BOTTOM_RIGHT, tolerance=50)),
        ("trim:0", Trim(tolerance=0)),
        ("trim:top-left:255", Trim(tolerance=255)),
    ],
)
def test_trim_names_a_corner_and_a_tolerance(part: str, trim: Trim) -> None:
    assert path_plan(part).operations == (trim,)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("8193x0", "width"),
        ("0x8193", "height"),
        ("0300x200", "width"),
        ("300x9999999999", "height"),
        ("trim:256", "trim"),
        ("0x0:1000000x1", "crop"),
    ],
)
def test_a_part_out_of_range_is_refused_by_name(path: str, parameter: str) -> None:
    with refused(Refusal.BAD_PARAMETER, parameter):
        path_plan(path)


def test_parts_happen_in_the_order_of_the_design() -> None:
    path = "trim/1x2:30x40/-10x10/left/filters:rotate(90):smart_crop(1,5):focal(5x5:7x9)"
    assert path_plan(path).operations == (
        Trim(),
        Crop(left=1, top=2, right=30, bottom=40),
        CropToFaces(index=1, padding=5),
        # The focal point is in the source, and the crop removes 1 x 2 pixels.
        Resize(width=10, height=10, keep=FocalPixel(x=5, y=5)),
        Flip(horizontal=True),
        Rotate(degrees=90),
    )


def test_query_parameters_do_not_go_with_a_path() -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, "width"):
        plan_of(split_url("/300x200/public/photo.jpg", "width=3"), settings=SETTINGS)
