"""The examples of requests whose geometry is settled: by thumbor, by AWS's Serverless Image Handler, or by imgproxy."""

from dataclasses import dataclass

import numpy as np
import pytest
from tests.unit.imagekit.operations.making import Pixels, file_of, flat, read, result

from imagekit.geometry import Box
from safelight_contracts.delivery.colors import Color
from safelight_contracts.delivery.operations import Operation
from safelight_contracts.delivery.overlays import Distance, Overlay, Unit
from safelight_contracts.delivery.shaping import Auto, Crop, CropToFaces, Resize, ResizeFit

RED, BLUE = (255, 0, 0), (0, 0, 255)


@dataclass(frozen=True, kw_only=True)
class Row:
    """``source`` and ``output``: width and height. ``shown``: left, top, right and bottom in the source."""

    request: str
    source: tuple[int, int]
    operations: tuple[Operation, ...]
    output: tuple[int, int]
    shown: tuple[int, int, int, int] | None = None
    faces: tuple[Box, ...] = ()


FIT_IN = Resize(width=300, height=200, fit=ResizeFit.INSIDE, enlarge=False)
FULL_FIT_IN = Resize(width=300, height=200, fit=ResizeFit.OUTSIDE)
FACE = Box(left=0.4, top=0.2, right=0.6, bottom=0.5)

ROWS = [
    Row(
        request="400x150",
        source=(800, 600),
        operations=(Resize(width=400, height=150),),
        output=(400, 150),
        shown=(0, 150, 800, 450),
    ),
    Row(request="fit-in/300x200", source=(800, 600), operations=(FIT_IN,), output=(267, 200)),
    Row(request="fit-in/300x200", source=(400, 600), operations=(FIT_IN,), output=(133, 200)),
    Row(request="full-fit-in/300x200", source=(800, 600), operations=(FULL_FIT_IN,), output=(300, 225)),
    Row(request="full-fit-in/300x200", source=(400, 600), operations=(FULL_FIT_IN,), output=(300, 450)),
    Row(
        request="300xorig",
        source=(800, 600),
        operations=(Resize(width=300, height=Auto.ORIGINAL),),
        output=(300, 600),
        shown=(250, 0, 550, 600),
    ),
    Row(
        request="adaptive-fit-in/100x400",
        source=(800, 400),
        operations=(Resize(width=100, height=400, fit=ResizeFit.INSIDE, enlarge=False, adaptive=True),),
        output=(200, 100),
    ),
    Row(
        request="600x400, no_upscale",
        source=(300, 200),
        operations=(Resize(width=600, height=400, enlarge=False),),
        output=(300, 200),
    ),
    Row(
        request="fit-in/600x500, upscale",
        source=(300, 200),
        operations=(Resize(width=600, height=500, fit=ResizeFit.INSIDE),),
        output=(600, 400),
    ),
    Row(
        request="10x0:100x200/10x20",
        source=(800, 600),
        operations=(Crop(left=10, top=0, right=100, bottom=200), Resize(width=10, height=20)),
        output=(10, 20),
        # 90 x 200 becomes 10 x 22, of which rows 1 to 20 stay.
        shown=(10, round(200 / 22), 100, round(200 / 22 * 21)),
    ),
    Row(
        request="fit-in/400x300",
        source=(600, 800),
        operations=(Resize(width=400, height=300, fit=ResizeFit.INSIDE),),
        output=(225, 300),
    ),
    Row(
        request="fit-in/400x300",
        source=(200, 100),
        operations=(Resize(width=400, height=300, fit=ResizeFit.INSIDE),),
        output=(400, 200),
    ),
    Row(
        request="smartCrop, padding 20",
        source=(1000, 800),
        operations=(CropToFaces(padding=20),),
        output=(240, 280),
        shown=(380, 140, 620, 420),
        faces=(FACE,),
    ),
    Row(
        request="rs:fill-down:300:300",
        source=(200, 100),
        operations=(Resize(width=300, height=300, enlarge=False),),
        output=(100, 100),
        shown=(50, 0, 150, 100),
    ),
    # thumbor squeezes the whole picture here, because the ratios agree to two decimals.
    Row(
        request="400x301",
        source=(800, 600),
        operations=(Resize(width=400, height=301),),
        output=(400, 301),
        # 800 x 600 becomes 401 x 301, of which columns 1 to 400 stay.
        shown=(round(800 / 401), 0, 800, 600),
    ),
]


def with_marked(row: Row) -> Pixels:
    """Return the source: blue where it is shown, and red elsewhere."""
    width, height = row.source
    left, top, right, bottom = row.shown or (0, 0, width, height)
    pixels = flat(width, height, *RED)
    pixels[top:bottom, left:right] = BLUE
    return pixels


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.request} of {row.source[0]}x{row.source[1]}")
def test_a_request_shows_this_part_at_this_size(row: Row) -> None:
    made = result(with_marked(row), *row.operations, faces=row.faces)
    assert made.shape[1::-1] == row.output
    # At the edges, scaling adds a little of the pixels beyond them. One row or column too much would be red.
    assert made[..., 2].min() > 127
    assert made[..., 0].max() < 128


@pytest.mark.parametrize("row", [row for row in ROWS if row.shown], ids=lambda row: row.request)
def test_a_request_shows_the_part_up_to_its_edges(row: Row) -> None:
    width, height = row.source
    left, top, right, bottom = row.shown or (0, 0, width, height)
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    gradients = np.dstack([across, down, np.zeros_like(across)]).round().astype(np.uint8)
    made = result(gradients, *row.operations, faces=row.faces).astype(float)
    half_across, half_down = (right - left) / row.output[0] / 2, (bottom - top) / row.output[1] / 2
    centers = {
        "left": (made[:, 0, 0], (left + half_across - 0.5) * 255 / (width - 1)),
        "right": (made[:, -1, 0], (right - half_across - 0.5) * 255 / (width - 1)),
        "top": (made[0, :, 1], (top + half_down - 0.5) * 255 / (height - 1)),
        "bottom": (made[-1, :, 1], (bottom - half_down - 0.5) * 255 / (height - 1)),
    }
    for edge, (values, expected) in centers.items():
        assert values.mean() == pytest.approx(expected, abs=1.2), edge


def test_a_padded_picture_has_the_odd_pixel_above() -> None:
    white = Color(red=255, green=255, blue=255)
    resize = Resize(width=50, height=50, fit=ResizeFit.CONTAIN, background=white)
    made = result(flat(200, 100, *BLUE), resize)
    expected = flat(50, 50, 255, 255, 255)
    expected[13:38] = BLUE
    assert np.array_equal(made, expected)


def test_a_mark_is_placed_from_the_far_edges() -> None:
    overlay = Overlay(
        bucket=None,
        key="mark.png",
        x=Distance(value=10, from_end=True),
        y=Distance(value=20, unit=Unit.PERCENT, from_end=True),
        width_ratio=30,
        height_ratio=30,
    )
    made = result(flat(300, 200, *RED), overlay, overlays={overlay: read(file_of(flat(30, 40, *BLUE)))})
    expected = flat(300, 200, *RED)
    expected[100:160, 245:290] = BLUE
    assert np.array_equal(made, expected)
