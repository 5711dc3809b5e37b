"""What filters of a thumbor path mean, where both dialects agree."""

import pytest
from tests.unit.deliverykit.asked import filters_plan, path_plan, refused

from deliverykit.thumbor_filters import FILTERS, MAX_FILTERS, MAX_WATERMARKS
from safelight_contracts.delivery import effects
from safelight_contracts.delivery.colors import BLACK, WHITE, Color
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import ImagePlan, Operation, Output
from safelight_contracts.delivery.overlays import Distance, Overlay, Place, Unit
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.shaping import CropToFaces, FocalPixel, Resize, ResizeFit, Rotate, Scale
from safelight_contracts.image_types import ImageType

# For each filter: calls with arguments in range, and calls whose arguments are not. Both dialects agree.
CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "animated": (("animated()", "animated(true)", "animated(false)"), ("animated(1)", "animated(true,true)")),
    "autojpg": (("autojpg()", "autojpg(true)"), ("autojpg(false)", "autojpg(80)")),
    "background_color": (
        (
            "background_color(red)",
            "background_color(fff)",
            "background_color(11223344)",
            "background_color(transparent)",
        ),
        ("background_color()", "background_color(reddish)", "background_color(12345)", "background_color(Red)"),
    ),
    "blur": (
        ("blur(2)", "blur(150,0.3)", "blur(1,100)"),
        ("blur()", "blur(0)", "blur(151,1)", "blur(1,0.2)", "blur(1,101)", "blur(1,2,3)", "blur(a)"),
    ),
    "convolution": (
        ("convolution(1;2;1;2;4;2;1;2;1,3)", "convolution(0;0;0;0;-1.5;0;0;0;0,3,false)"),
        ("convolution(1;2;1,3)", "convolution(1;2;3;4,2)", "convolution(1;1;1;1;1;1;1;1,3)", "convolution(a,3)"),
    ),
    "equalize": (("equalize()",), ("equalize(1)",)),
    "fill": (("fill(red)", "fill(auto)", "fill(0f0)"), ("fill()", "fill(reddish)")),
    "focal": (("focal(0x0:10x10)",), ("focal()", "focal(10x10:0x0)", "focal(0x0:0x9)", "focal(0.1x0:1x1)")),
    "format": (
        tuple(f"format({name})" for name in ("jpeg", "jpg", "png", "webp", "avif")),
        ("format()", "format(auto)", "format(gif)", "format(WEBP)"),
    ),
    "grayscale": (("grayscale()",), ("grayscale(1)",)),
    "no_upscale": (("no_upscale()",), ("no_upscale(true)",)),
    "proportion": (
        ("proportion(0.5)", "proportion(.25)", "proportion(10)"),
        ("proportion(0)", "proportion(11)", "proportion()", "proportion(-1)"),
    ),
    "quality": (("quality(1)", "quality(100)"), ("quality(0)", "quality(101)", "quality()", "quality(80.5)")),
    "rgb": (("rgb(0,50,100)",), ("rgb(0,0)", "rgb(101,0,0)", "rgb(-101,0,0)")),
    "rotate": (("rotate(90)", "rotate(-12.5)"), ("rotate(361)", "rotate()", "rotate(90,1)", "rotate(%2090)")),
    "sharpen": (
        ("sharpen(2,1.0,true)", "sharpen(0,0)", "sharpen(10,10)"),
        ("sharpen(2)", "sharpen(11,1)", "sharpen(1,11)", "sharpen(2,1,maybe)"),
    ),
    "smart_crop": (
        ("smart_crop()", "smart_crop(1)", "smart_crop(1,20)"),
        ("smart_crop(-1)", "smart_crop(0,8193)", "smart_crop(a)"),
    ),
    "stretch": (("stretch()",), ("stretch(1)",)),
    "strip_exif": (("strip_exif()",), ("strip_exif(1)",)),
    "strip_icc": (("strip_icc()",), ("strip_icc(1)",)),
    "upscale": (("upscale()",), ("upscale(1)",)),
    "watermark": (
        (),
        ("watermark()", "watermark(marks,a.png,0,0,101)", "watermark(marks,a.png,0,0,0,0)", "watermark(A_B,a.png)"),
    ),
}
ACCEPTED = [call for accepted, _ in CASES.values() for call in accepted]


def test_every_filter_has_a_case() -> None:
    assert set(CASES) == FILTERS


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("call", ACCEPTED)
def test_arguments_in_range_are_accepted(call: str, dialect: Dialect) -> None:
    filters_plan(call, dialect=dialect)


@pytest.mark.parametrize(("name", "call"), [(name, call) for name, (_, bad) in CASES.items() for call in bad])
def test_arguments_out_of_range_are_refused_by_name(name: str, call: str) -> None:
    with refused(Refusal.BAD_PARAMETER, name):
        filters_plan(call)


@pytest.mark.parametrize("name", ["brightness", "contrast", "noise", "max_bytes", "round_corner", "frame", "curve"])
def test_an_unknown_filter_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, name):
        filters_plan(f"grayscale():{name}(1)")


@pytest.mark.parametrize("filters", ["", "grayscale():()", "()", "Grayscale()", "grayscale():"])
def test_malformed_filters_are_refused(filters: str) -> None:
    with refused(Refusal.BAD_PARAMETER if filters.endswith(")") else Refusal.BAD_PATH, "filters"):
        filters_plan(filters)


@pytest.mark.parametrize(("call", "most"), [("rotate(90)", MAX_FILTERS), ("watermark(marks,a.png)", MAX_WATERMARKS)])
def test_filters_are_few(call: str, most: int) -> None:
    filters_plan(":".join([call] * most))
    with refused(Refusal.BAD_PARAMETER, "filters"):
        filters_plan(":".join([call] * (most + 1)))


@pytest.mark.parametrize("call", ["quality(80)", "format(png)", "stretch()", "grayscale()", "strip_exif()"])
def test_a_setting_is_sent_once(call: str) -> None:
    with refused(Refusal.REPEATED_PARAMETER, call.partition("(")[0]):
        filters_plan(f"{call}:rotate(90):{call}")


@pytest.mark.parametrize(
    ("filters", "operations"),
    [
        ("rotate(90):blur(1,2)", (Rotate(degrees=90), effects.Blur(sigma=2))),
        ("blur(1,2):rotate(90)", (effects.Blur(sigma=2), Rotate(degrees=90))),
        ("blur(1,2):blur(1,3)", (effects.Blur(sigma=2), effects.Blur(sigma=3))),
    ],
)
def test_effects_happen_in_the_order_in_which_they_are_written(filters: str, operations: tuple[Operation, ...]) -> None:
    assert filters_plan(filters).operations == operations


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("filters", ["blur(1,2):no_upscale():focal(2x2:4x6)", "focal(2x2:4x6):no_upscale():blur(1,2)"])
def test_focal_and_no_upscale_change_the_resize_wherever_they_stand(filters: str, dialect: Dialect) -> None:
    assert path_plan(f"30x20/smart/filters:{filters}", dialect=dialect).operations == (
        Resize(width=30, height=20, enlarge=False, keep=FocalPixel(x=3, y=4)),
        effects.Blur(sigma=2),
    )


def test_stretch_changes_the_resize_wherever_it_stands() -> None:
    assert path_plan("30x20/filters:grayscale():stretch()").operations == (
        Resize(width=30, height=20, fit=ResizeFit.FILL),
        effects.Grayscale(),
    )


def test_focal_areas_count_by_their_size() -> None:
    # 2 x 2 around (1, 1), and 6 x 2 around (5, 9).
    (resize,) = path_plan("30x20/filters:focal(0x0:2x2):focal(2x8:8x10)").operations
    assert isinstance(resize, Resize)
    assert resize.keep == FocalPixel(x=4, y=7)


def test_smart_crop_comes_before_the_resize() -> None:
    assert path_plan("30x20/filters:smart_crop(1,20)").operations == (
        CropToFaces(index=1, padding=20),
        Resize(width=30, height=20),
    )


@pytest.mark.parametrize(
    ("filters", "output"),
    [
        ("format(webp):quality(70)", Output(type=ImageType.WEBP, quality=70)),
        ("autojpg()", Output(type=ImageType.JPEG)),
        ("format(jpg):autojpg()", Output(type=ImageType.JPEG)),
        ("animated()", Output(animated=True)),
        ("animated(false)", Output(animated=False)),
        ("strip_exif():strip_icc()", Output()),
    ],
)
def test_the_file_has_what_filters_ask_for(filters: str, output: Output) -> None:
    assert filters_plan(filters) == ImagePlan(output=output)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("filters:format(png):autojpg()", "autojpg"),
        ("fit-in/3x2/filters:stretch()", "stretch"),
        ("3x2/filters:stretch():fill(red)", "stretch"),
        ("3x2/filters:upscale():no_upscale()", "no_upscale"),
        ("3xorig/filters:proportion(2)", "proportion"),
    ],
)
def test_what_excludes_one_another_is_a_contradiction(path: str, parameter: str) -> None:
    with refused(Refusal.CONTRADICTION, parameter):
        path_plan(path)


@pytest.mark.parametrize(
    ("name", "color"),
    [
        ("white", WHITE),
        ("fff", WHITE),
        ("%23ffffff", WHITE),
        ("f00", Color(red=255, green=0, blue=0)),
        ("FF000080", Color(red=255, green=0, blue=0, alpha=128)),
        ("0f08", Color(red=0, green=255, blue=0, alpha=136)),
        ("transparent", Color(red=0, green=0, blue=0, alpha=0)),
        ("rebeccapurple", Color(red=102, green=51, blue=153)),
    ],
)
def test_a_colour_is_a_name_or_a_number(name: str, color: Color) -> None:
    assert filters_plan(f"background_color({name})").operations == (effects.Flatten(background=color),)


@pytest.mark.parametrize("dialect", Dialect)
def test_background_color_puts_the_picture_on_a_colour(dialect: Dialect) -> None:
    assert filters_plan("background_color(black)", dialect=dialect).operations == (effects.Flatten(background=BLACK),)


@pytest.mark.parametrize(
    ("arguments", "overlay"),
    [
        ("a.png", Overlay(bucket="marks", key="a.png")),
        ("a.png,10,20", Overlay(bucket="marks", key="a.png", x=Distance(value=10), y=Distance(value=20))),
        (
            "a.png,-10,-20p,0,30,30",
            Overlay(
                bucket="marks",
                key="a.png",
                x=Distance(value=10, from_end=True),
                y=Distance(value=20, unit=Unit.PERCENT, from_end=True),
                width_ratio=30,
                height_ratio=30,
            ),
        ),
        (
            "a.png,center,repeat,100,none,50",
            Overlay(bucket="marks", key="a.png", y=Place.REPEAT, opacity=0, height_ratio=50),
        ),
        (
            "a,%20b/c%20(1).png,0,-0,25",
            Overlay(
                bucket="marks",
                key="a, b/c (1).png",
                x=Distance(value=0),
                y=Distance(value=0, from_end=True),
                opacity=0.75,
            ),
        ),
        ("1,2,3.png,4,5", Overlay(bucket="marks", key="1,2,3.png", x=Distance(value=4), y=Distance(value=5))),
    ],
)
def test_a_watermark_names_a_bucket_and_a_key_and_where_it_goes(arguments: str, overlay: Overlay) -> None:
    assert filters_plan(f"watermark(marks,{arguments})").operations == (overlay,)


def test_a_key_of_a_watermark_does_not_look_like_another_filter_that_names_a_type() -> None:
    """The edge would take the type for fixed, and a viewer would get a type that another one accepts."""
    with refused(Refusal.BAD_PARAMETER, "filters"):
        filters_plan("watermark(marks,format(png.png)")


def test_a_key_of_a_watermark_is_no_path_that_leaves_its_folder() -> None:
    with refused(Refusal.BAD_PATH, "watermark"):
        filters_plan("watermark(marks,public%2F..%2Fsecret.png)")


def test_a_proportion_without_a_size_scales_the_picture() -> None:
    assert filters_plan("proportion(0.5)").operations == (Scale(factor=0.5),)
