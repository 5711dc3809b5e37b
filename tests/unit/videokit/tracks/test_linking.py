"""Detections of one face are linked into a track."""

from math import inf, nan

import pytest
from tests.unit.videokit.tracks.moving import FACE, found, shifted, steady

from imagekit.geometry import Box
from videokit.tracks.detections import Detection
from videokit.tracks.linking import link


def test_a_moving_face_is_one_track() -> None:
    seen = {frame: found(shifted(FACE, across=frame * 0.02)) for frame in range(10)}

    (track,) = link(seen, timeline=steady(frames=10))

    assert list(track.seen) == list(range(10))


def test_a_face_that_moves_by_its_own_size_a_frame_is_one_track() -> None:
    seen = {frame: found(shifted(FACE, across=frame * 0.09)) for frame in range(6)}

    (track,) = link(seen, timeline=steady(frames=6))

    assert list(track.seen) == list(range(6))


def test_a_weak_detection_continues_a_track_and_does_not_start_one() -> None:
    far = shifted(FACE, across=-0.35, down=-0.35)
    seen = {0: found(FACE), 1: [*found(FACE, 0.2), *found(far, 0.39)]}

    (track,) = link(seen, timeline=steady(frames=2))

    assert track.seen == {0: FACE, 1: FACE}


def test_a_weak_detection_before_the_first_strong_one_belongs_to_its_track() -> None:
    seen = {0: found(FACE, 0.2), 1: found(FACE, 0.16), 2: found(FACE, 0.5)}

    (track,) = link(seen, timeline=steady(frames=3))

    assert list(track.seen) == [0, 1, 2]


def test_a_detection_below_the_lower_threshold_is_nothing() -> None:
    (track,) = link({0: found(FACE), 1: found(FACE, 0.14)}, timeline=steady(frames=2))

    assert list(track.seen) == [0]


def test_a_gap_of_a_second_is_one_track_and_a_longer_one_is_two() -> None:
    timeline = steady(frames=60, rate=25)

    assert len(link({0: found(FACE), 25: found(FACE)}, timeline=timeline)) == 1
    assert len(link({0: found(FACE), 26: found(FACE)}, timeline=timeline)) == 2


def test_no_track_crosses_a_cut() -> None:
    tracks = link({0: found(FACE), 1: found(FACE)}, timeline=steady(frames=2, cuts=[1]))

    assert [list(track.seen) for track in tracks] == [[0], [1]]


def test_two_faces_that_cross_stay_two_tracks_with_all_their_detections() -> None:
    seen = {
        frame: [
            *found(shifted(FACE, across=-0.2 + frame * 0.02)),
            *found(shifted(FACE, across=0.2 - frame * 0.02)),
        ]
        for frame in range(21)
    }

    tracks = link(seen, timeline=steady(frames=21))

    assert [list(track.seen) for track in tracks] == [list(range(21))] * 2


@pytest.mark.parametrize(
    ("box", "score"),
    [
        (Box(left=nan, top=0, right=1, bottom=1), 0.9),
        (Box(left=0, top=0, right=inf, bottom=1), 0.9),
        (Box(left=0, top=0, right=0, bottom=1), 0.9),
        (Box(left=0, top=1, right=1, bottom=0), 0.9),
        (FACE, nan),
        (FACE, 1.5),
    ],
)
def test_a_malformed_detection_is_an_error_and_not_no_face(box: Box, score: float) -> None:
    with pytest.raises(ValueError, match="detection"):
        Detection(box=box, score=score)
