import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.imagekit.operations.making import flat, noise, positions, result, smooth

from imagekit.geometry import Box, Size
from imagekit.operations import geometry
from safelight_contracts.delivery.colors import BLACK, WHITE, Color
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import (
    MIDDLE,
    Auto,
    Corner,
    Crop,
    CropToFaces,
    Extend,
    Flip,
    FocalPoint,
    Focus,
    Gravity,
    Horizontal,
    Pad,
    Resize,
    ResizeFit,
    Rotate,
    Scale,
    Trim,
    Vertical,
)

SOURCE = positions(60, 40)
CLEAR = Color(red=0, green=0, blue=0, alpha=0)
SIDES = st.integers(1, 8192)
LENGTHS = st.one_of(SIDES, st.sampled_from(Auto))


def test_a_crop_keeps_its_rectangle() -> None:
    assert np.array_equal(result(SOURCE, Crop(left=5, top=7, right=25, bottom=30)), SOURCE[7:30, 5:25])


def test_a_crop_is_cut_at_the_edges_of_the_picture() -> None:
    assert np.array_equal(result(SOURCE, Crop(left=50, top=-9, right=900, bottom=10)), SOURCE[:10, 50:])


def test_a_crop_beside_the_picture_is_refused() -> None:
    with pytest.raises(RequestRefusedError) as refused:
        result(SOURCE, Crop(left=60, top=0, right=80, bottom=10))
    assert (refused.value.refusal, refused.value.parameter) == (Refusal.BAD_PARAMETER, "crop")


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Flip(horizontal=True), SOURCE[:, ::-1]),
        (Flip(vertical=True), SOURCE[::-1]),
        (Flip(horizontal=True, vertical=True), SOURCE[::-1, ::-1]),
        (Rotate(degrees=90), np.rot90(SOURCE, -1)),
        (Rotate(degrees=-90), np.rot90(SOURCE)),
        (Rotate(degrees=180), np.rot90(SOURCE, 2)),
        (Rotate(degrees=360), SOURCE),
        (Rotate(degrees=-1e-20), SOURCE),
    ],
    ids=str,
)
def test_flips_and_quarter_turns_move_pixels(operation: Flip | Rotate, expected: np.ndarray) -> None:
    assert np.array_equal(result(SOURCE, operation), expected)


def test_any_other_turn_fills_the_corners() -> None:
    made = result(flat(100, 100, 200, 40, 40), Rotate(degrees=45, background=Color(red=1, green=2, blue=3)))
    assert made.shape[:2] == pytest.approx((141, 141), abs=1)
    assert made[2, 2].tolist() == [1, 2, 3]
    assert made[70, 70].tolist() == [200, 40, 40]


def test_a_turn_on_a_clear_ground_leaves_clear_corners() -> None:
    made = result(flat(100, 100, 200, 40, 40), Rotate(degrees=30, background=CLEAR))
    assert made[2, 2].tolist() == [0, 0, 0, 0]
    assert made[60, 60].tolist() == [200, 40, 40, 255]


def test_edges_of_the_color_of_a_corner_are_trimmed() -> None:
    pixels = flat(60, 40, 250, 250, 250)
    pixels[10:30, 20:25] = (250, 239, 250)
    assert result(pixels, Trim()).shape == (20, 5, 3)


def test_a_difference_within_the_tolerance_is_trimmed() -> None:
    pixels = flat(60, 40, 250, 250, 250)
    pixels[10:30, 20:25] = (250, 240, 250)
    pixels[15, 22] = 0
    assert result(pixels, Trim()).shape == (1, 1, 3)


def test_the_lower_right_corner_can_give_the_color() -> None:
    pixels = flat(60, 40, 0, 0, 0)
    pixels[:, 10:] = 255
    assert result(pixels, Trim(corner=Corner.BOTTOM_RIGHT)).shape == (40, 10, 3)


def test_transparent_edges_are_trimmed() -> None:
    pixels = flat(60, 40, 0, 0, 0, 0)
    pixels[5:10, 5:15] = (0, 0, 0, 255)
    assert result(pixels, Trim()).shape[:2] == (5, 10)


def test_a_picture_of_one_color_is_not_trimmed() -> None:
    assert result(flat(9, 8, 3, 3, 3), Trim()).shape == (8, 9, 3)


@pytest.mark.parametrize(("horizontal", "left"), [(Horizontal.LEFT, 0), (Horizontal.CENTER, 3), (Horizontal.RIGHT, 5)])
def test_the_gravity_says_which_columns_stay(horizontal: Horizontal, left: int) -> None:
    resize = Resize(width=55, height=40, keep=Gravity(horizontal=horizontal))
    assert np.array_equal(result(SOURCE, resize), SOURCE[:, left : left + 55])


@pytest.mark.parametrize(("vertical", "top"), [(Vertical.TOP, 0), (Vertical.MIDDLE, 3), (Vertical.BOTTOM, 5)])
def test_the_gravity_says_which_rows_stay(vertical: Vertical, top: int) -> None:
    resize = Resize(width=60, height=35, keep=Gravity(vertical=vertical))
    assert np.array_equal(result(SOURCE, resize), SOURCE[top : top + 35])


@pytest.mark.parametrize(("x", "left"), [(0.0, 0), (0.5, 20), (0.6, 26), (1.0, 40)])
def test_a_cover_crops_around_a_focal_point(x: float, left: int) -> None:
    resize = Resize(width=20, height=40, keep=FocalPoint(x=x, y=0.5))
    assert np.array_equal(result(SOURCE, resize), SOURCE[:, left : left + 20])


def test_a_cover_crops_around_all_faces_if_they_fit() -> None:
    faces = [Box(left=0.5, top=0.1, right=0.6, bottom=0.3), Box(left=0.6, top=0.1, right=0.7, bottom=0.2)]
    made = result(SOURCE, Resize(width=20, height=40, keep=Focus.FACES), faces=faces)
    assert np.array_equal(made, SOURCE[:, 26:46])


def test_a_cover_crops_around_the_largest_face_if_they_do_not_fit() -> None:
    faces = [Box(left=0.0, top=0.1, right=0.1, bottom=0.2), Box(left=0.8, top=0.1, right=1.0, bottom=0.5)]
    made = result(SOURCE, Resize(width=20, height=40, keep=Focus.FACES), faces=faces)
    assert np.array_equal(made, SOURCE[:, 40:])


@pytest.mark.parametrize("focus", Focus)
def test_without_faces_a_cover_crops_around_what_attracts_attention(focus: Focus) -> None:
    pixels = flat(200, 100, 128, 128, 128)
    pixels[30:70, 150:190] = noise(40, 40)
    pixels[30:70, 150:190, 1:] = 20
    made = result(pixels, Resize(width=80, height=100, keep=focus))
    assert (made[..., 1] == 20).sum() == 40 * 40


@pytest.mark.parametrize(("index", "left"), [(0, 30), (1, 6)])
def test_a_face_is_chosen_by_its_size(index: int, left: int) -> None:
    faces = [Box(left=0.1, top=0, right=0.2, bottom=0.1), Box(left=0.5, top=0, right=0.9, bottom=0.5)]
    made = result(SOURCE, CropToFaces(index=index), faces=faces)
    assert np.array_equal(made[0, 0], SOURCE[0, left])


def test_all_faces_are_cropped_to_together() -> None:
    faces = [Box(left=0.1, top=0.5, right=0.2, bottom=0.75), Box(left=0.5, top=0.25, right=0.9, bottom=0.5)]
    assert np.array_equal(result(SOURCE, CropToFaces(index=None), faces=faces), SOURCE[10:30, 6:54])


@pytest.mark.parametrize("operation", [CropToFaces(index=3), CropToFaces(index=-1)])
def test_a_picture_without_such_a_face_stays(operation: CropToFaces) -> None:
    assert np.array_equal(result(SOURCE, operation, faces=[Box(left=0, top=0, right=0.1, bottom=0.1)]), SOURCE)


@pytest.mark.parametrize(
    "before",
    [
        Crop(left=5, top=5, right=55, bottom=35),
        Flip(horizontal=True),
        Flip(vertical=True),
        Rotate(degrees=90),
        Rotate(degrees=180),
        Rotate(degrees=270),
        Extend(left=7, top=3, right=2, bottom=9),
        Resize(width=40, height=20),
        Resize(width=90, height=90, fit=ResizeFit.CONTAIN),
        Scale(factor=2),
    ],
    ids=str,
)
def test_faces_are_found_after_the_picture_was_changed(before: Crop) -> None:
    pixels = flat(60, 40, 20, 20, 20)
    pixels[12:20, 30:42] = 255
    face = Box(left=0.5, top=0.3, right=0.7, bottom=0.5)
    made = result(pixels, before, CropToFaces(), faces=[face])
    assert made.mean() > 210
    assert (result(pixels, before) > 200).sum() == pytest.approx((made > 200).sum(), rel=0.02)


def test_a_turned_face_is_in_the_crop() -> None:
    pixels = flat(60, 40, 20, 20, 20)
    pixels[12:20, 30:42] = 255
    face = Box(left=0.5, top=0.3, right=0.7, bottom=0.5)
    turned = Rotate(degrees=30)
    made = result(pixels, turned, CropToFaces(), faces=[face])
    assert (made > 200).sum() == pytest.approx((result(pixels, turned) > 200).sum(), rel=0.05)
    assert made.shape[0] * made.shape[1] < 30 * 30


def test_edges_are_added() -> None:
    made = result(flat(3, 2, 9, 9, 9), Extend(left=1, top=2, right=3, bottom=4, background=WHITE))
    expected = flat(7, 8, 255, 255, 255)
    expected[2:4, 1:4] = 9
    assert np.array_equal(made, expected)


def test_a_clear_edge_makes_the_picture_transparent() -> None:
    made = result(flat(2, 1, 9, 9, 9), Extend(right=1, background=CLEAR))
    assert made.tolist() == [[[9, 9, 9, 255], [9, 9, 9, 255], [0, 0, 0, 0]]]


def test_the_box_of_the_last_resize_is_filled() -> None:
    made = result(flat(40, 20, 9, 9, 9), Resize(width=20, height=20, fit=ResizeFit.INSIDE), Pad(background=WHITE))
    expected = flat(20, 20, 255, 255, 255)
    expected[5:15] = 9
    assert np.array_equal(made, expected)


def test_the_average_color_fills_it() -> None:
    pixels = flat(40, 20, 0, 100, 0)
    pixels[:, 20:] = (200, 0, 0)
    made = result(pixels, Resize(width=40, height=40, fit=ResizeFit.INSIDE), Pad(background=None))
    assert made[0, 0].tolist() == [100, 50, 0]


def test_the_average_of_a_transparent_picture_is_that_of_what_is_seen() -> None:
    pixels = flat(40, 20, 0, 0, 0, 0)
    pixels[:, 20:] = (200, 80, 10, 255)
    made = result(pixels, Resize(width=40, height=40, fit=ResizeFit.INSIDE), Pad(background=None))
    assert made[0, 0].tolist() == [200, 80, 10, 255]


def test_nothing_is_filled_without_a_resize() -> None:
    assert np.array_equal(result(SOURCE, Pad(background=BLACK)), SOURCE)


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_a_factor_multiplies_both_sides(factor: float) -> None:
    made = result(smooth(80, 40), Scale(factor=factor))
    expected = smooth(round(80 * factor), round(40 * factor))
    assert made.shape == expected.shape
    assert np.abs(made.astype(int) - expected).max() <= 12


def test_a_fill_stretches() -> None:
    made = result(smooth(80, 40), Resize(width=40, height=40, fit=ResizeFit.FILL))
    assert np.abs(made.astype(int) - smooth(40, 40)).max() <= 4


def test_a_stretch_of_a_smaller_picture_that_must_not_be_enlarged_keeps_its_side() -> None:
    resize = Resize(width=40, height=400, fit=ResizeFit.FILL, enlarge=False)
    assert result(smooth(80, 40), resize).shape == (40, 40, 3)


def test_a_padded_picture_that_must_not_be_enlarged_keeps_its_size() -> None:
    resize = Resize(width=20, height=20, fit=ResizeFit.CONTAIN, enlarge=False, background=WHITE)
    made = result(flat(4, 2, 9, 9, 9), resize)
    assert made.shape == (20, 20, 3)
    assert (made == 9).sum() == 4 * 2 * 3


@given(
    resize=st.builds(
        Resize,
        width=LENGTHS,
        height=LENGTHS,
        fit=st.sampled_from(ResizeFit),
        enlarge=st.booleans(),
        keep=st.just(MIDDLE),
    ),
    own=st.tuples(SIDES, SIDES),
)
def test_every_fit_keeps_its_promise(resize: Resize, own: tuple[int, int]) -> None:
    picture, fit, enlarge = Size(width=own[0], height=own[1]), resize.fit, resize.enlarge
    box = geometry.box_of(resize, picture=picture)
    framing = geometry.frame(resize, picture=picture, keep=Gravity())
    scaled, canvas = framing.scaled, framing.canvas
    assert 0 <= framing.kept.left < framing.kept.right <= scaled.width
    assert 0 <= framing.kept.top < framing.kept.bottom <= scaled.height
    if not enlarge:
        assert scaled.width <= picture.width
        assert scaled.height <= picture.height
    if fit is not ResizeFit.FILL:
        # The aspect ratio stays, to the pixel that rounding may add or remove.
        assert abs(scaled.width * picture.height - scaled.height * picture.width) <= max(own) * 1.01
    match fit:
        case ResizeFit.COVER | ResizeFit.FILL if enlarge:
            assert canvas == box
        case ResizeFit.INSIDE:
            assert canvas.width <= max(1, box.width)
            assert canvas.height <= max(1, box.height)
        case ResizeFit.OUTSIDE if enlarge:
            assert canvas.width >= box.width
            assert canvas.height >= box.height
        case ResizeFit.CONTAIN:
            assert canvas == box
        case _:
            assert canvas.width <= max(box.width, scaled.width)


@given(box=st.tuples(SIDES, SIDES), own=st.tuples(SIDES, SIDES), x=st.floats(0, 1), y=st.floats(0, 1))
def test_a_cover_around_a_point_has_the_same_size_as_one_of_the_middle(
    box: tuple[int, int], own: tuple[int, int], x: float, y: float
) -> None:
    resize, picture = Resize(width=box[0], height=box[1]), Size(width=own[0], height=own[1])
    around = geometry.frame(resize, picture=picture, keep=FocalPoint(x=x, y=y))
    assert around.canvas == geometry.frame(resize, picture=picture, keep=Gravity()).canvas == around.kept.size
    assert around.kept.left >= 0
    assert around.kept.right <= around.scaled.width
