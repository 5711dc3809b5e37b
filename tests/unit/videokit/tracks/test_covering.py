"""What is covered in each frame."""

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.videokit.tracks.moving import FACE, bare_part, by_frame, found, shifted, steady

from imagekit.geometry import Box
from videokit.tracks.covering import COVER_SECONDS, cover
from videokit.tracks.detections import Detection
from videokit.tracks.linking import START_SCORE, link
from videokit.tracks.timeline import Timeline


def covered(detections: dict[int, list[Detection]], timeline: Timeline) -> dict[int, list[Box]]:
    tracks = link(detections, timeline=timeline)
    return {frame: list(boxes) for frame, boxes in by_frame(cover(tracks, timeline=timeline, padding=0.15)).items()}


def test_one_lone_detection_is_covered_before_and_after_it() -> None:
    frames = covered({25: list(found(FACE))}, steady(frames=50, rate=25))

    assert sorted(frames) == [frame for frame in range(50) if abs(frame - 25) / 25 <= COVER_SECONDS]


def test_a_cover_grows_away_from_the_detection() -> None:
    frames = covered({25: list(found(FACE))}, steady(frames=50, rate=25))

    widths = [frames[frame][0].right - frames[frame][0].left for frame in range(25, 33)]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_a_cover_is_padded_by_a_part_of_the_box() -> None:
    frames = covered({frame: list(found(FACE)) for frame in range(30)}, steady(frames=30))

    box = frames[15][0]
    assert round(box.left, 9) == 0.385
    assert round(box.bottom, 9) == 0.63


def test_a_face_behind_a_pole_for_a_second_is_covered_all_the_time() -> None:
    timeline = steady(frames=51, rate=25)
    places = {frame: shifted(FACE, across=(frame - 25) * 0.008) for frame in range(51)}
    seen = {frame: list(found(box)) for frame, box in places.items() if not 12 < frame < 37}

    frames = covered(seen, timeline)

    assert max(bare_part(box, frames.get(frame, [])) for frame, box in places.items()) == 0


def test_a_face_that_turns_round_during_a_gap_is_covered() -> None:
    timeline = steady(frames=40, rate=25)
    seen = {0: list(found(shifted(FACE, across=-0.02))), 2: list(found(FACE)), 18: list(found(FACE))}

    frames = covered(seen, timeline)

    assert all(bare_part(FACE, frames[frame]) == 0 for frame in range(2, 19))


def test_nothing_is_covered_beyond_a_cut() -> None:
    frames = covered({9: list(found(FACE))}, steady(frames=20, cuts=[10]))

    assert max(frames) == 9


def test_the_first_and_last_frame_of_a_video_are_covered() -> None:
    frames = covered({2: list(found(FACE)), 17: list(found(FACE))}, steady(frames=20))

    assert {0, 19} <= frames.keys()


def test_a_face_that_enters_is_covered_at_the_edge_before_a_detector_sees_enough_of_it() -> None:
    # 4 pixels of 1000 a frame: it is half in the frame, and found, after 0.5 s.
    places = {frame: shifted(FACE, across=-0.5 + 0.004 * frame) for frame in range(60)}
    seen = {frame: list(found(box)) for frame, box in places.items() if frame >= 12}

    frames = covered(seen, steady(frames=60, rate=25))

    visible = {frame: box.cut() for frame, box in places.items() if box.right > 0.001}
    assert all(bare_part(box, frames.get(frame, [])) == 0 for frame, box in visible.items())


def test_the_hidden_half_of_a_face_is_covered_where_the_other_half_is_found() -> None:
    half = Box(left=FACE.left, top=FACE.top, right=FACE.left + 0.05, bottom=FACE.bottom)
    seen = {frame: list(found(FACE if frame < 20 else half)) for frame in range(0, 26, 2)}

    frames = covered(seen, steady(frames=26, rate=25))

    assert all(bare_part(FACE, frames[frame]) == 0 for frame in range(26))


def test_a_face_whose_track_a_pattern_beside_it_took_is_covered_while_it_is_missed() -> None:
    pattern = shifted(FACE, across=0.09, down=0.05)
    missed = range(10, 25)
    seen = {frame: list(found(FACE)) for frame in range(40) if frame not in missed}
    seen |= {frame: list(found(pattern)) for frame in missed}

    frames = covered(seen, steady(frames=40, rate=25))

    assert all(bare_part(FACE, frames[frame]) == 0 for frame in range(40))


@given(data=st.data())
def test_the_time_between_frames_does_not_matter(data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.sampled_from([1 / 60, 1 / 30, 1 / 24, 0.07]), min_size=10, max_size=60))
    times = list(accumulate(gaps, initial=0.0))
    places = [shifted(FACE, across=0.15 * time - 0.3) for time in times]
    # Never more than half a second without a detection.
    kept = {0, len(times) - 1, *(frame for frame in range(len(times)) if times[frame] % 0.5 < 0.08)}
    kept |= data.draw(st.sets(st.integers(min_value=0, max_value=len(times) - 1)))

    frames = covered({frame: list(found(places[frame])) for frame in sorted(kept)}, Timeline(times=times))

    assert all(bare_part(box, frames.get(frame, [])) < 1e-6 for frame, box in enumerate(places))


@given(
    ticks=st.sampled_from([600, 1000, 12_288, 12_800, 15_360, 90_000]),
    rate=st.sampled_from([5, 24, 25, 30, 60]),
    start=st.floats(min_value=0, max_value=7200),
    second=st.integers(min_value=0, max_value=2),
)
@example(ticks=12_288, rate=24, start=0.2, second=1)
@example(ticks=12_288, rate=60, start=1.1, second=2)
def test_a_face_that_is_missed_for_exactly_a_second_is_covered_wherever_the_video_starts(
    ticks: int, rate: int, start: float, second: int
) -> None:
    timeline = Timeline(times=[round((start + frame / rate) * ticks) / ticks for frame in range(4 * rate)])
    gap = range(second * rate, (second + 1) * rate + 1)

    frames = covered({gap[0]: list(found(FACE)), gap[-1]: list(found(FACE))}, timeline)

    assert all(bare_part(FACE, frames.get(frame, [])) == 0 for frame in gap)


@given(
    rate=st.sampled_from([0.1, 0.5, 1, 1.5, 2, 3]),
    start=st.floats(min_value=0, max_value=100),
    speed=st.floats(min_value=-0.02, max_value=0.02),
    lost=st.integers(min_value=1, max_value=8),
)
def test_a_missed_frame_uncovers_nothing_whatever_the_time_between_frames(
    rate: float, start: float, speed: float, lost: int
) -> None:
    places = {frame: shifted(FACE, across=speed * frame) for frame in range(10)}
    seen = {frame: list(found(box)) for frame, box in places.items() if frame != lost}

    frames = covered(seen, steady(frames=10, rate=rate, start=start))

    assert all(bare_part(box, frames.get(frame, [])) < 1e-6 for frame, box in places.items())


@pytest.mark.parametrize("rate", [0.1, 1, 2, 3])
def test_one_frame_before_and_one_after_a_lone_detection_are_covered_whatever_the_time_between(rate: float) -> None:
    frames = covered({5: list(found(FACE))}, steady(frames=11, rate=rate, cuts=[6]))

    assert sorted(frames) == [4, 5]
    assert sorted(covered({5: list(found(FACE))}, steady(frames=11, rate=rate))) == [4, 5, 6]


@given(
    seconds=st.floats(min_value=0, max_value=COVER_SECONDS),
    enters=st.floats(min_value=0, max_value=3),
    start=st.floats(min_value=0, max_value=100),
    rate=st.sampled_from([1, 5, 10, 24, 30, 60]),
)
def test_a_face_that_comes_in_between_two_looks_is_covered(
    seconds: float, enters: float, start: float, rate: float
) -> None:
    timeline = steady(frames=int(5 * rate), rate=rate, start=start)
    visible = [frame for frame, time in enumerate(timeline.times) if time - start >= enters]
    looks, last = [0], timeline.times[0]
    for frame in range(1, timeline.last + 1):
        if frame == timeline.last or timeline.times[frame + 1] - last > seconds + 1e-9:
            looks.append(frame)
            last = timeline.times[frame]

    frames = covered({frame: list(found(FACE)) for frame in looks if frame in visible}, timeline)

    assert all(bare_part(FACE, frames.get(frame, [])) == 0 for frame in visible)


def _faces(draw: st.DrawFn) -> dict[int, list[Detection]]:
    frames = draw(st.sets(st.integers(min_value=0, max_value=59), max_size=25))
    edge = st.floats(min_value=-0.2, max_value=1)
    size = st.floats(min_value=0.01, max_value=0.6)
    detection = st.builds(
        lambda left, top, width, height, score: Detection(
            box=Box(left=left, top=top, right=left + width, bottom=top + height), score=score
        ),
        *(edge, edge, size, size, st.floats(min_value=0, max_value=1)),
    )
    return {frame: draw(st.lists(detection, max_size=4)) for frame in sorted(frames)}


detections = st.composite(_faces)()
cuts = st.sets(st.integers(min_value=1, max_value=59), max_size=4).map(sorted)


@given(seen=detections, cuts=cuts)
def test_every_strong_detection_is_covered_with_its_padding(seen: dict[int, list[Detection]], cuts: list[int]) -> None:
    frames = covered(seen, steady(frames=60, cuts=cuts))

    for frame, found_here in seen.items():
        for it in found_here:
            if it.score >= START_SCORE:
                assert bare_part(it.box, frames[frame]) < 1e-9


@given(seen=detections, cuts=cuts)
def test_shots_are_covered_as_if_each_were_a_video_of_its_own(
    seen: dict[int, list[Detection]], cuts: list[int]
) -> None:
    timeline = steady(frames=60, cuts=cuts)
    whole = covered(seen, timeline)

    alone: dict[int, list[Box]] = {}
    for shot in timeline.shots:
        part = {frame: found_here for frame, found_here in seen.items() if frame in shot}
        alone |= covered(part, timeline)

    assert {frame: _sorted(boxes) for frame, boxes in whole.items()} == {
        frame: _sorted(boxes) for frame, boxes in alone.items()
    }


@given(
    speed=st.floats(min_value=-0.6, max_value=0.6),
    lost=st.sets(st.integers(min_value=1, max_value=49), max_size=15),
    rate=st.sampled_from([12, 24, 25, 30000 / 1001, 50, 60]),
)
def test_detections_that_are_lost_uncover_nothing_of_a_steadily_moving_face(
    speed: float, lost: set[int], rate: float
) -> None:
    timeline = steady(frames=50, rate=rate)
    places = {frame: shifted(FACE, across=speed * frame / rate) for frame in range(50)}
    # The first is never lost, and of the others so few that no gap exceeds what is bridged.
    few = sorted(lost)[: int(rate * 0.9)]
    seen = {frame: list(found(box)) for frame, box in places.items() if frame not in few}

    frames = covered(seen, timeline)

    assert all(bare_part(box, frames.get(frame, [])) < 1e-6 for frame, box in places.items())


def _sorted(boxes: list[Box]) -> list[tuple[float, float, float, float]]:
    return sorted((it.left, it.top, it.right, it.bottom) for it in boxes)
