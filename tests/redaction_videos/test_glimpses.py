"""Faces that are in sight only between two looks are noticed by the thumbnails of the frames."""

import av
import numpy as np
import pytest
from tests.redaction_videos.drawing import draw_face, frames_of
from tests.redaction_videos.faces import Pixels, astronaut, person
from tests.redaction_videos.scenes import HEIGHT, WIDTH, Pose, Scene, Shot

from videokit.cells import Samples
from videokit.looking import thumbnail
from videokit.tracks.gaps import frame_between

BACKGROUNDS = ("rocket", "coffee", "brick", "grass", "gravel", "chelsea")
PEOPLE = (1, 3, 15, 24, 33, 36)


def seen(pixels: Pixels) -> Samples:
    return thumbnail(av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p"))


def percent_noticed(*, height: int) -> float:
    """Show each of 60 faces in one frame, between two looks at the background."""
    random = np.random.default_rng(1)
    noticed = 0
    for number in range(60):
        shot = Shot(seconds=1, background=BACKGROUNDS[number % 6], pan=0)
        before, after = frames_of(Scene(name="", shots=[shot], times=[0, 0.1]), seed=number)  # type: ignore[list-item]
        face = astronaut() if number % 2 else person(PEOPLE[number // 6 % 6])
        pose = Pose(x=random.uniform(80, WIDTH - 80), y=random.uniform(80, HEIGHT - 80), height=height)
        shown = [seen(before), seen(draw_face(before, face, pose=pose)), seen(after)]
        noticed += frame_between([], [], seconds=0.1, thumbnails=shown) == 1
    return 100 * noticed / 60


@pytest.mark.parametrize(("height", "least"), [(24, 50), (32, 75), (48, 95), (64, 100)])
def test_most_faces_of_an_eighth_of_the_height_of_a_frame_are_noticed(height: int, least: float) -> None:
    assert percent_noticed(height=height) >= least
