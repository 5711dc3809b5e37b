"""A face that is found at every look is covered in every frame, however fast it is."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.videokit.tracks.moving import by_frame, steady

from imagekit.geometry import Box
from videokit.tracks.covering import cover
from videokit.tracks.detections import Detection
from videokit.tracks.linking import link

RATE = 30
FRAMES = 60
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
FACES = [(18, 24), (44, 60), (100, 130)]
SPEEDS = [100, 200, 300, 400, 450, 500, 600, 700, 800, 1000, 1500]

Places = Sequence[Sequence[Box]]


def places(move: Callable[[float], Sequence[tuple[float, float]]], *, size: str, face: tuple[int, int]) -> Places:
    """Return the faces in each frame. `move`: their corners, in pixels, by the time."""
    width, height = SIZES[size]
    return [
        [
            Box(left=x / width, top=y / height, right=(x + face[0]) / width, bottom=(y + face[1]) / height)
            for x, y in move(frame / RATE)
        ]
        for frame in range(FRAMES)
    ]


def found_in(faces: Places, *, step: int) -> Mapping[int, Sequence[Detection]]:
    """Find all faces exactly, in every so many frames and in the last one."""
    looks = sorted({*range(0, FRAMES, step), FRAMES - 1})
    return {frame: [Detection(box=it, score=0.9) for it in faces[frame]] for frame in looks}


def bare_frames(faces: Places, found: Mapping[int, Sequence[Detection]]) -> Sequence[int]:
    timeline = steady(frames=FRAMES, rate=RATE)
    covers = by_frame(cover(link(found, timeline=timeline), timeline=timeline, padding=0.15))
    return [
        frame
        for frame, here in enumerate(faces)
        if max(_bare_part(it.cut(), covers.get(frame, ())) for it in here) > 0.05
    ]


def _bare_part(face: Box, covers: Sequence[Box]) -> float:
    """Return the part that no cover hides; several covers count together."""
    if face.left >= face.right or face.top >= face.bottom:
        return 0
    across = np.linspace(face.left, face.right, 40)[None, :]
    down = np.linspace(face.top, face.bottom, 40)[:, None]
    hidden = np.zeros((40, 40), dtype=bool)
    for it in covers:
        hidden |= (it.left <= across) & (across <= it.right) & (it.top <= down) & (down <= it.bottom)
    return float(1 - hidden.mean())


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(("size", "step"), [("720p", 3), ("1080p", 3), ("1080p", 6)])
def test_a_face_at_any_speed_is_covered_in_every_frame(
    size: str, step: int, face: tuple[int, int], speed: float
) -> None:
    faces = places(lambda time: [(100 + speed * time, 300 + speed * time / 4)], size=size, face=face)

    assert bare_frames(faces, found_in(faces, step=step)) == []


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_face_that_runs_faster_and_faster_is_covered_in_every_frame(speed: float) -> None:
    faces = places(lambda time: [(100 + speed * time**2 / 2, 300)], size="1080p", face=(44, 60))

    assert bare_frames(faces, found_in(faces, step=6)) == []


@pytest.mark.parametrize("speed", SPEEDS)
def test_faces_beside_one_another_in_a_fast_pan_are_covered_in_every_frame(speed: float) -> None:
    faces = places(
        lambda time: [(100 + 130 * at + speed * time, 300 + 40 * (at % 2)) for at in range(4)],
        size="1080p",
        face=(44, 60),
    )

    assert bare_frames(faces, found_in(faces, step=6)) == []


@pytest.mark.parametrize("speed", [400, 600, 1000])
@pytest.mark.parametrize("missed", [1, 2, 3])
def test_a_fast_face_that_is_missed_in_some_looks_is_covered_in_every_frame(speed: float, missed: int) -> None:
    faces = places(lambda time: [(100 + speed * time, 300)], size="1080p", face=(44, 60))
    found = found_in(faces, step=6)
    without = {frame: [] if 18 <= frame < 18 + 6 * missed else it for frame, it in found.items()}

    assert bare_frames(faces, without) == []


@pytest.mark.parametrize(("size", "step"), [("720p", 3), ("1080p", 6)])
@pytest.mark.parametrize("speed", SPEEDS)
def test_a_face_at_any_speed_is_one_track(size: str, step: int, speed: float) -> None:
    faces = places(lambda time: [(100 + speed * time, 300)], size=size, face=(44, 60))

    assert len(link(found_in(faces, step=step), timeline=steady(frames=FRAMES, rate=RATE))) == 1


@given(
    ways=st.lists(
        st.tuples(st.floats(0, 1920), st.floats(0, 1080), st.floats(-1000, 1000), st.floats(-1000, 1000)),
        min_size=1,
        max_size=1,
    )
)
def test_a_face_in_any_direction_is_covered_in_every_frame(ways: Sequence[tuple[float, float, float, float]]) -> None:
    faces = places(
        lambda time: [(x + across * time, y + down * time) for x, y, across, down in ways], size="1080p", face=(44, 60)
    )

    assert bare_frames(faces, found_in(faces, step=6)) == []


def test_a_face_that_goes_where_another_comes_is_not_led_there_over_the_whole_frame_for_long() -> None:
    gone, come = Box(left=0.05, top=0.4, right=0.1, bottom=0.5), Box(left=0.9, top=0.4, right=0.95, bottom=0.5)
    found = {
        frame: [Detection(box=gone if frame < 20 else come, score=0.9)] if frame < 20 or frame > 35 else []
        for frame in range(0, FRAMES, 3)
    }
    timeline = steady(frames=FRAMES, rate=RATE)

    covers = by_frame(cover(link(found, timeline=timeline), timeline=timeline, padding=0.15))

    assert max(it.right - it.left for here in covers.values() for it in here) < 0.2
