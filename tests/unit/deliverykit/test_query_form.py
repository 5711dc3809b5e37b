"""What the parameters after a key mean."""

import pytest
from tests.unit.deliverykit.asked import query_plan, refused, settings_with

from safelight_contracts.delivery.effects import Grayscale
from safelight_contracts.delivery.forms import QUERY_PARAMETERS
from safelight_contracts.delivery.operations import ImagePlan, Output
from safelight_contracts.delivery.presets import Preset
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.shaping import (
    Auto,
    Flip,
    FocalPoint,
    Focus,
    Resize,
    ResizeFit,
    Rotate,
)
from safelight_contracts.image_types import ImageType

COVER = "width=3&height=2&fit=cover"

# For each parameter: queries with values in range, and values out of range.
CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "width": (("width=1", "width=8192"), ("width=0", "width=8193", "width=1.5", "width=-1", "width=", "width=1e3")),
    "height": (("height=1", "height=8192"), ("height=0", "height=8193", "height=0300", "height=%2B3")),
    "fit": (tuple(f"fit={fit}" for fit in ("clip", "crop", "max", "scale", *ResizeFit)), ("fit=stretch", "fit=Cover")),
    "enlarge": (("enlarge=true", "enlarge=false"), ("enlarge=", "enlarge=1", "enlarge=yes")),
    "focus": (
        tuple(f"{COVER}&focus={focus}" for focus in ("faces", "attention", "0,0", "1,1", "0.25,.5")),
        tuple(f"{COVER}&focus={focus}" for focus in ("1.1,0", "0,-0.1", "0", "a,b", "0,0,0", "center")),
    ),
    "dpr": (
        ("width=3&dpr=1", "width=3&dpr=2.5", "width=3&dpr=4"),
        ("width=3&dpr=0.5", "width=3&dpr=4.5", "width=3&dpr=1.25", "width=8000&dpr=2"),
    ),
    "flip": (("flip=true", "flip=false"), ("flip=", "flip=h")),
    "flop": (("flop=true", "flop=false"), ("flop=", "flop=v")),
    "rotate": (("rotate=-360", "rotate=12.5", "rotate=360"), ("rotate=361", "rotate=-361", "rotate=auto", "rotate=")),
    "grayscale": (("grayscale=true", "grayscale=false"), ("grayscale=", "grayscale=50")),
    "format": (
        tuple(f"format={name}" for name in ("auto", "jpeg", "jpg", "png", "webp", "avif")),
        ("format=gif", "format=tiff", "format=JPEG", "format="),
    ),
    "quality": (("quality=1", "quality=100"), ("quality=0", "quality=101", "quality=auto", "quality=80.5")),
    "preset": (("preset=card", "preset=icon"), ("preset=none", "preset=", "preset=Card")),
}


def test_every_parameter_has_a_case() -> None:
    assert set(CASES) == QUERY_PARAMETERS


@pytest.mark.parametrize("query", [query for accepted, _ in CASES.values() for query in accepted])
def test_a_value_in_range_is_accepted(query: str) -> None:
    query_plan(query)


@pytest.mark.parametrize(("name", "query"), [(name, query) for name, (_, bad) in CASES.items() for query in bad])
def test_a_value_out_of_range_is_refused_by_name(name: str, query: str) -> None:
    with refused(Refusal.BAD_PARAMETER, name):
        query_plan(query)


@pytest.mark.parametrize("name", ["w", "h", "q", "fm", "Width", "blur", "__proto__"])
def test_an_unknown_parameter_is_refused_by_name(name: str) -> None:
    with refused(Refusal.UNKNOWN_PARAMETER, name):
        query_plan(f"width=3&{name}=1")


def test_a_query_without_parameters_asks_for_the_picture_upright_in_an_accepted_type() -> None:
    assert query_plan("") == ImagePlan()


def test_a_picture_stays_inside_of_the_box_and_is_not_enlarged_by_default() -> None:
    assert query_plan("width=300&height=200").operations == (
        Resize(width=300, height=200, fit=ResizeFit.INSIDE, enlarge=False),
    )


def test_one_side_is_enough() -> None:
    assert query_plan("height=200").operations == (
        Resize(width=Auto.RATIO, height=200, fit=ResizeFit.INSIDE, enlarge=False),
    )


@pytest.mark.parametrize(
    ("name", "fit", "enlarges"),
    [
        *((fit.value, fit, False) for fit in ResizeFit),
        ("clip", ResizeFit.INSIDE, True),
        ("crop", ResizeFit.COVER, True),
        ("max", ResizeFit.INSIDE, False),
        ("scale", ResizeFit.FILL, True),
    ],
)
def test_imgix_names_enlarge_but_for_max(name: str, fit: ResizeFit, enlarges: bool) -> None:  # noqa: FBT001 - a case
    assert query_plan(f"width=3&fit={name}").operations == (Resize(width=3, fit=fit, enlarge=enlarges),)


def test_max_never_enlarges() -> None:
    with refused(Refusal.CONTRADICTION, "enlarge"):
        query_plan("width=3&fit=max&enlarge=true")


def test_a_pixel_ratio_multiplies_both_sides() -> None:
    assert query_plan("width=101&height=200&dpr=1.5").operations == (
        Resize(width=152, height=300, fit=ResizeFit.INSIDE, enlarge=False),
    )


def test_a_pixel_ratio_needs_a_side() -> None:
    with refused(Refusal.CONTRADICTION, "dpr"):
        query_plan("dpr=2")


@pytest.mark.parametrize(
    ("focus", "keep"),
    [("faces", Focus.FACES), ("attention", Focus.ATTENTION), ("0.25,1", FocalPoint(x=0.25, y=1))],
)
def test_a_crop_keeps_the_focus(focus: str, keep: Focus | FocalPoint) -> None:
    (resize,) = query_plan(f"{COVER}&focus={focus}").operations
    assert isinstance(resize, Resize)
    assert resize.keep == keep


def test_a_focus_needs_a_crop() -> None:
    with refused(Refusal.CONTRADICTION, "focus"):
        query_plan("width=3&focus=faces")


def test_flips_and_the_rotation_follow_the_resize() -> None:
    assert query_plan("rotate=90&grayscale=true&flop=true&width=3").operations == (
        Resize(width=3, fit=ResizeFit.INSIDE, enlarge=False),
        Flip(horizontal=True),
        Rotate(degrees=90),
        Grayscale(),
    )


def test_the_file_has_the_format_and_the_quality() -> None:
    assert query_plan("format=jpg&quality=70").output == Output(type=ImageType.JPEG, quality=70)


def test_a_preset_stands_for_its_parameters() -> None:
    assert query_plan("preset=card") == query_plan("width=300&height=200&fit=cover&focus=faces")


def test_a_preset_can_be_completed() -> None:
    assert query_plan("preset=card&format=webp&dpr=2") == query_plan(
        "width=600&height=400&fit=cover&focus=faces&format=webp"
    )


def test_what_a_preset_says_cannot_be_said_again() -> None:
    with refused(Refusal.CONTRADICTION, "width"):
        query_plan("preset=card&width=300")


def test_every_preset_of_the_contracts_can_be_asked_for() -> None:
    preset = Preset(
        width=300,
        fit=ResizeFit.COVER,
        enlarge=True,
        focus=FocalPoint(x=1 / 3, y=1e-5),
        type=ImageType.AVIF,
        quality=55,
        grayscale=True,
    )
    plan = query_plan("preset=full", settings=settings_with(presets={"full": preset.parameters}))
    assert plan == ImagePlan(
        operations=(
            Resize(width=300, enlarge=True, keep=FocalPoint(x=0.333333, y=0.00001)),
            Grayscale(),
        ),
        output=Output(type=ImageType.AVIF, quality=55),
    )
