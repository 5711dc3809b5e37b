"""Faces in frames of videos."""

from dataclasses import replace

import numpy as np
import pytest
from skimage import data
from tests.redaction_videos.drawing import draw_face
from tests.redaction_videos.faces import Pixels, astronaut
from tests.redaction_videos.scenes import HEIGHT, WIDTH, Actor, Pose, box_of
from tests.unit.visionkit.closeups import closeup, fills

from imagekit.geometry import Box
from videokit.tracks.linking import START_SCORE
from visionkit.video_faces import Answer, MalformedAnswerError, faces_of, find_video_faces


def background(*, height: int = HEIGHT, width: int = WIDTH) -> Pixels:
    wall = np.asarray(data.brick(), dtype=np.uint8)  # type: ignore[no-untyped-call]
    rows, columns = -(-height // 512), -(-width // 512)
    tiled = np.tile(wall, (rows, columns))[:height, :width]
    return np.repeat(tiled[..., None], 3, axis=2)


def coverage(box: Box, found: Box) -> float:
    """Return the part of a box that another one contains."""
    width = max(0.0, min(box.right, found.right) - max(box.left, found.left))
    height = max(0.0, min(box.bottom, found.bottom) - max(box.top, found.top))
    return width * height / ((box.right - box.left) * (box.bottom - box.top))


@pytest.mark.parametrize("angle", [-20, 0, 20])
@pytest.mark.parametrize("height", [32, 64, 150, 340])
def test_faces_from_32_pixels_to_the_whole_frame_are_found(height: int, angle: float) -> None:
    pose = Pose(x=320, y=180, height=height, angle=angle)
    frame = draw_face(background(), astronaut(), pose=pose)
    truth = box_of(Actor(face=astronaut(), pose=lambda _: pose), time=0)
    assert truth is not None

    found = find_video_faces(frame)

    assert coverage(truth, found[0].box) > 0.7


@pytest.mark.parametrize("height", [32, 900])
def test_small_and_large_faces_of_1080p_are_found(height: int) -> None:
    frame = background(height=1080, width=1920)
    frame = draw_face(frame, astronaut(), pose=Pose(x=900, y=540, height=height))

    found = find_video_faces(frame)[0]

    centre = (found.box.left + found.box.right) / 2 * 1920, (found.box.top + found.box.bottom) / 2 * 1080
    assert np.hypot(centre[0] - 900, centre[1] - 540) < height / 4
    assert height / 2 < (found.box.bottom - found.box.top) * 1080 < height * 2


@pytest.mark.parametrize(("x", "y"), [(700, 500), (1920, 1080)])
def test_a_face_of_32_pixels_is_found_anywhere_in_4k(x: float, y: float) -> None:
    frame = draw_face(background(height=2160, width=3840), astronaut(), pose=Pose(x=x, y=y, height=32))

    (found,) = find_video_faces(frame, min_score=0.4)

    assert (found.box.left + found.box.right) / 2 * 3840 == pytest.approx(x, abs=8)
    assert (found.box.top + found.box.bottom) / 2 * 2160 == pytest.approx(y, abs=8)


def test_a_face_that_no_part_of_4k_holds_is_found() -> None:
    height = 400
    frame = draw_face(background(height=2160, width=3840), astronaut(), pose=Pose(x=1920, y=1080, height=height))

    found = find_video_faces(frame, min_score=0.4)[0]

    assert (found.box.bottom - found.box.top) * 2160 == pytest.approx(height, rel=0.5)


@pytest.mark.parametrize(("width", "height"), [(640, 360), (1920, 1080)])
@pytest.mark.parametrize("shown", [0.6, 0.8, 0.9, 1.0, 1.2])
def test_a_face_that_is_larger_than_the_frame_is_found(shown: float, width: int, height: int) -> None:
    found = find_video_faces(closeup(shown=shown, width=width, height=height), min_score=START_SCORE)

    assert any(fills(it.box) for it in found)


def test_two_faces_are_two() -> None:
    frame = draw_face(background(), astronaut(), pose=Pose(x=180, y=180, height=90))
    frame = draw_face(frame, astronaut(), pose=Pose(x=480, y=180, height=60))

    found = find_video_faces(frame, min_score=0.5)

    assert sorted(round(it.box.left + it.box.right, 1) for it in found) == [0.6, 1.5]


def test_a_wall_has_no_faces() -> None:
    assert find_video_faces(background(), min_score=0.4) == []


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 900), (361, 639)])
def test_frames_of_any_size_are_looked_at(height: int, width: int) -> None:
    assert find_video_faces(np.zeros((height, width, 3), dtype=np.uint8)) == []


ANSWER = Answer(
    scores=np.full((1, 1, 8, 8), 0.5, dtype=np.float32),
    sizes=np.zeros((1, 2, 8, 8), dtype=np.float32),
    offsets=np.zeros((1, 2, 8, 8), dtype=np.float32),
)


@pytest.mark.parametrize("name", ["scores", "sizes", "offsets"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_with_one_number_that_is_not_finite_is_an_error(name: str, value: float) -> None:
    array = getattr(ANSWER, name).copy()
    array[0, 0, 3, 3] = value

    with pytest.raises(MalformedAnswerError):
        faces_of(replace(ANSWER, **{name: array}), width=32, height=32, min_score=0.9)


@pytest.mark.parametrize("score", [-0.1, 1.1])
def test_a_score_beyond_0_to_1_is_an_error(score: float) -> None:
    with pytest.raises(MalformedAnswerError, match="0 and 1"):
        faces_of(replace(ANSWER, scores=np.full_like(ANSWER.scores, score)), width=32, height=32, min_score=0.5)


@pytest.mark.parametrize("name", ["scores", "sizes", "offsets"])
def test_an_answer_of_another_shape_is_an_error(name: str) -> None:
    with pytest.raises(MalformedAnswerError, match="arrays"):
        faces_of(replace(ANSWER, **{name: getattr(ANSWER, name)[..., :4]}), width=32, height=32, min_score=0.5)


def test_a_size_that_overflows_is_an_error() -> None:
    with pytest.raises(MalformedAnswerError, match="size"):
        faces_of(replace(ANSWER, sizes=np.full_like(ANSWER.sizes, 1000)), width=32, height=32, min_score=0.5)


def test_scores_below_the_lowest_are_no_faces() -> None:
    assert faces_of(ANSWER, width=32, height=32, min_score=0.6) == []
