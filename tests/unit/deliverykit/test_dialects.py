"""Where thumbor and the Serverless Image Handler give a path different meanings: the table of the reference."""

import pytest
from tests.unit.deliverykit.asked import path_plan, refused

from safelight_contracts.delivery import effects
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.overlays import Distance, Overlay
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.shaping import Pad, Resize, ResizeFit, Rotate, Scale, Trim

RED = Color(red=255, green=0, blue=0)
KERNEL = "convolution(0;0;0;0;-2;0;0;0;0,3)"
WEIGHTS = (0, 0, 0, 0, -2, 0, 0, 0, 0)

# The path, what it stands for in the dialect `sih`, and in the dialect `thumbor`.
ROWS: list[tuple[str, tuple[Operation, ...], tuple[Operation, ...]]] = [
    (
        "fit-in/30x20",
        (Resize(width=30, height=20, fit=ResizeFit.INSIDE),),
        (Resize(width=30, height=20, fit=ResizeFit.INSIDE, enlarge=False),),
    ),
    ("filters:rotate(90)", (Rotate(degrees=90),), (Rotate(degrees=-90),)),
    ("filters:blur(4)", (effects.Blur(sigma=2),), (effects.Blur(sigma=4),)),
    ("filters:blur(4,3)", (effects.Blur(sigma=3),), (effects.Blur(sigma=3),)),
    (
        "30x20/filters:proportion(0.5)",
        (Resize(width=15, height=10),),
        (Resize(width=30, height=20), Scale(factor=0.5)),
    ),
    ("30x/filters:proportion(0.5)", (Resize(width=15),), (Resize(width=30), Scale(factor=0.5))),
    (
        "filters:proportion(2):no_upscale()",
        (Scale(factor=1),),
        (Scale(factor=2),),
    ),
    (
        "filters:watermark(marks,a.png,1,2,0)",
        (Overlay(bucket="marks", key="a.png", x=Distance(value=1), y=Distance(value=2)),),
        (Overlay(bucket=None, key="marks,a.png", x=Distance(value=1), y=Distance(value=2)),),
    ),
    (
        "30x20/filters:fill(red)",
        (Resize(width=30, height=20, fit=ResizeFit.CONTAIN, background=RED),),
        (Resize(width=30, height=20), Pad(background=RED)),
    ),
    (
        "fit-in/30x20/filters:grayscale():fill(auto)",
        (Resize(width=30, height=20, fit=ResizeFit.INSIDE), Pad(background=None), effects.Grayscale()),
        (
            Resize(width=30, height=20, fit=ResizeFit.INSIDE, enlarge=False),
            effects.Grayscale(),
            Pad(background=None),
        ),
    ),
    (
        "30x20/filters:upscale()",
        (Resize(width=30, height=20, fit=ResizeFit.INSIDE),),
        (Resize(width=30, height=20),),
    ),
    ("filters:equalize()", (effects.Normalize(),), (effects.Equalize(),)),
    (
        "filters:rgb(100,0,0)",
        (effects.Tint(color=RED),),
        (effects.Linear(factors=(1, 1, 1), offsets=(255, 0, 0)),),
    ),
    (
        "filters:sharpen(3,2,true)",
        (effects.Sharpen(sigma=2),),
        (effects.Sharpen(sigma=2, flat=3, jagged=3),),
    ),
    (
        f"filters:{KERNEL}",
        (effects.Convolve(width=3, height=3, kernel=WEIGHTS, scale=1),),
        (effects.Convolve(width=3, height=3, kernel=WEIGHTS, scale=None),),
    ),
    ("trim", (Trim(tolerance=10),), (Trim(tolerance=0),)),
]


@pytest.mark.parametrize(("path", "sih", "thumbor"), ROWS)
def test_a_path_has_the_meaning_of_its_dialect(
    path: str, sih: tuple[Operation, ...], thumbor: tuple[Operation, ...]
) -> None:
    assert path_plan(path, dialect=Dialect.SIH).operations == sih
    assert path_plan(path, dialect=Dialect.THUMBOR).operations == thumbor


def test_fit_in_enlarges_in_thumbors_dialect_if_upscale_says_so() -> None:
    (resize,) = path_plan("fit-in/30x20/filters:upscale()", dialect=Dialect.THUMBOR).operations
    assert resize == Resize(width=30, height=20, fit=ResizeFit.INSIDE)


def test_full_fit_in_enlarges_in_both_dialects() -> None:
    for dialect in Dialect:
        (resize,) = path_plan("full-fit-in/30x20", dialect=dialect).operations
        assert resize == Resize(width=30, height=20, fit=ResizeFit.OUTSIDE)


def test_a_convolution_without_normalisation_divides_by_1() -> None:
    path = "filters:convolution(1;1;1;1;1;1;1;1;1,3,false)"
    (convolve,) = path_plan(path, dialect=Dialect.THUMBOR).operations
    assert convolve == effects.Convolve(width=3, height=3, kernel=(1,) * 9, scale=1)


def test_fill_in_thumbors_dialect_can_put_its_colour_behind_the_picture() -> None:
    assert path_plan("filters:fill(red,true)", dialect=Dialect.THUMBOR).operations == (
        Pad(background=RED),
        effects.Flatten(background=RED),
    )


@pytest.mark.parametrize("call", ["fill(red,true)", "rgb(-1,0,0)"])
def test_what_only_thumbor_has_is_refused_by_name_in_the_default_dialect(call: str) -> None:
    with refused(Refusal.BAD_PARAMETER, call.partition("(")[0]):
        path_plan(f"filters:{call}", dialect=Dialect.SIH)


@pytest.mark.parametrize(
    ("address", "bucket", "key"),
    [("a/b.png", None, "a/b.png"), ("s3:marks/a/b.png", "marks", "a/b.png"), ("s3.png", None, "s3.png")],
)
def test_a_watermark_in_thumbors_dialect_is_a_key_or_a_bucket_and_a_key(
    address: str, bucket: str | None, key: str
) -> None:
    (overlay,) = path_plan(f"filters:watermark({address},0,0,0)", dialect=Dialect.THUMBOR).operations
    assert isinstance(overlay, Overlay)
    assert (overlay.bucket, overlay.key) == (bucket, key)


@pytest.mark.parametrize("address", ["https:%2F%2Fexample.com%2Fa.png", "ftp:%2F%2Fexample.com%2Fa.png"])
def test_a_watermark_is_no_url(address: str) -> None:
    with refused(Refusal.BAD_PARAMETER, "watermark"):
        path_plan(f"filters:watermark({address},0,0,0)", dialect=Dialect.THUMBOR)
