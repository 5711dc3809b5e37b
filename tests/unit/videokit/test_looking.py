"""The frames of a chunk that a detector looks at."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from av.video.frame import VideoFrame
from tests.unit.videokit.pictures import HEIGHT, WIDTH, frame_of, luma_of
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import H264_OPEN, write_frames, write_video

from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.faults import ChunkMismatchError
from videokit.looking import Find, IsCut, Look, Looked, look, thumbnail
from videokit.orientation import upright
from videokit.painting import samples_of
from videokit.tracks.detections import Detection

Pixels = npt.NDArray[np.uint8]
FACE = Detection(box=Box(left=0.1, top=0.2, right=0.4, bottom=0.7), score=0.9)


def never(_before: Pixels, _after: Pixels) -> bool:
    return False


def nothing(_pixels: Pixels) -> Sequence[Detection]:
    return []


def looked(
    source: Path,
    *,
    seconds: float,
    find: Find = nothing,
    is_cut: IsCut = never,
    style: Style = Style.FILL,
) -> list[Looked]:
    """Look at all chunks of half a second."""
    info, whole = planned(source, seconds=0.5)
    how = Look(find=find, is_cut=is_cut, seconds=seconds, style=style)
    return [look(source, chunk=it, info=info, frames=whole.frames_of(it), how=how) for it in whole.chunks]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 frames in chunks of 15, with an open GOP."""
    return write_video(tmp_path_factory.mktemp("video") / "film.mp4", options=H264_OPEN, sound=None)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 equal frames in chunks of 15."""
    return write_frames(tmp_path_factory.mktemp("video") / "still.mp4", [frame_of(0) for _ in range(60)])


def dark() -> VideoFrame:
    frame = frame_of(0)
    samples_of(frame.planes[0])[:] = 90
    return frame


def with_patch(*, left: int) -> VideoFrame:
    """Return a dark frame with a bright patch of 20 x 20 pixels."""
    frame = dark()
    samples_of(frame.planes[0])[30:50, max(0, left) : max(0, left + 20)] = 235
    return frame


def find_patch(pixels: Pixels) -> Sequence[Detection]:
    """Find the bright patch exactly."""
    rows, columns = np.nonzero(pixels.mean(axis=2) > 160)
    if not rows.size:
        return []
    height, width = pixels.shape[:2]
    box = Box(
        left=columns.min() / width,
        top=rows.min() / height,
        right=(columns.max() + 1) / width,
        bottom=(rows.max() + 1) / height,
    )
    return [Detection(box=box, score=0.9)]


@pytest.mark.parametrize(
    ("seconds", "frames"),
    [
        (0, range(15, 30)),
        (0.1, [15, 18, 21, 24, 27, 29]),
        (0.3, [15, 24, 29]),
    ],
)
def test_the_first_and_the_last_frame_and_some_between_are_looked_at(
    still: Path, seconds: float, frames: Sequence[int]
) -> None:
    assert list(looked(still, seconds=seconds)[1].found) == list(frames)


def test_both_sides_of_a_cut_are_looked_at(tmp_path: Path) -> None:
    shots = [frame_of(0 if number < 20 else 30) for number in range(60)]
    source = write_frames(tmp_path / "source.mp4", shots)

    def is_cut(before: Pixels, after: Pixels) -> bool:
        return bool(np.abs(before.astype(int) - after).mean() > 16)

    made = looked(source, seconds=0.3, is_cut=is_cut)
    assert [it.cuts for it in made] == [[], [20], [], []]
    assert list(made[1].found) == [15, 19, 20, 29]


@pytest.mark.parametrize("shown", [[17], [20, 21], [16, 19, 28]])
def test_what_is_in_sight_between_two_looks_only_is_looked_at(tmp_path: Path, shown: Sequence[int]) -> None:
    frames = [with_patch(left=70) if number in shown else dark() for number in range(60)]
    source = write_frames(tmp_path / "source.mp4", frames)

    made = looked(source, seconds=0.3, find=find_patch)[1]

    assert [frame for frame, found in made.found.items() if found] == list(shown)


def test_after_a_look_between_two_others_the_next_one_is_sooner(tmp_path: Path) -> None:
    frames = [with_patch(left=40) if number == 4 else dark() for number in range(60)]
    info, whole = planned(write_frames(tmp_path / "source.mp4", frames), seconds=2)
    how = Look(find=nothing, is_cut=never, seconds=0.3)

    made = look(tmp_path / "source.mp4", chunk=whole.chunks[0], info=info, frames=whole.frames, how=how)

    assert {4, 9, 12, 21} <= made.found.keys()
    assert not made.found.keys() & {*range(13, 21)}


def test_noise_is_no_reason_to_look(tmp_path: Path) -> None:
    random = np.random.default_rng(15)
    frames = [frame_of(0) for _ in range(60)]
    for frame in frames:
        luma = samples_of(frame.planes[0])
        luma[:] = np.clip(luma + random.normal(0, 4, luma.shape), 0, 255)
    source = write_frames(tmp_path / "source.mp4", frames)

    assert list(looked(source, seconds=0.3)[1].found) == [15, 24, 29]


@pytest.mark.parametrize(
    ("pixels_a_frame", "frames"),
    [
        # By less than its width from look to look.
        (2, [24]),
        # By less than its width a frame.
        (14, [18, 19, 20, 21, 22, 23, 24]),
    ],
)
def test_a_face_that_moves_far_between_two_looks_is_looked_at_oftener(
    tmp_path: Path, pixels_a_frame: int, frames: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videokit.tracks.gaps.MIN_CHANGE", 256)
    places = [(number - 18) * pixels_a_frame for number in range(60)]
    source = write_frames(tmp_path / "source.mp4", [with_patch(left=it) for it in places])

    made = looked(source, seconds=0.3, find=find_patch)[1]

    assert [it for it in made.found if 17 < it <= 24] == frames


def test_a_face_that_goes_is_looked_for_until_the_last_frame_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("videokit.tracks.gaps.MIN_CHANGE", 256)
    frames = [with_patch(left=70) if number < 18 else dark() for number in range(60)]
    source = write_frames(tmp_path / "source.mp4", frames)

    made = looked(source, seconds=0.3, find=find_patch)[1]

    assert {17, 18} <= made.found.keys()
    assert made.found[17]
    assert not made.found[18]


def test_at_most_fifteen_frames_are_kept_between_two_looks(tmp_path: Path) -> None:
    source = write_frames(tmp_path / "source.mp4", [frame_of(0) for _ in range(60)], rate=Fraction(300))
    info, whole = planned(source, seconds=1)
    how = Look(find=nothing, is_cut=never, seconds=0.3)

    made = look(source, chunk=whole.chunks[0], info=info, frames=whole.frames, how=how)

    assert list(made.found) == [0, 15, 30, 45, 59]


@pytest.mark.parametrize("aspect", [Fraction(2), Fraction(3), Fraction(1, 3), Fraction(64, 45)])
def test_a_detector_gets_square_pixels(tmp_path: Path, aspect: Fraction) -> None:
    source = write_frames(tmp_path / "source.mp4", [frame_of(0)] * 1, aspect=aspect)
    got: list[Pixels] = []

    def keep(pixels: Pixels) -> Sequence[Detection]:
        got.append(pixels)
        return []

    looked(source, seconds=0.3, find=keep)

    (height, width, _) = got[0].shape
    assert width / height == pytest.approx(float(aspect) * WIDTH / HEIGHT, rel=0.01)
    assert (width, height) >= (WIDTH, HEIGHT)


def test_a_chunk_whose_frames_are_all_cuts_is_looked_at_wholly(film: Path) -> None:
    made = looked(film, seconds=0.3, is_cut=lambda _before, _after: True)[2]
    assert list(made.found) == list(range(30, 45))
    assert made.cuts == list(range(31, 45))


def test_the_thumbnails_at_the_edges_are_those_of_the_first_and_the_last_frame(film: Path) -> None:
    made = looked(film, seconds=0.3)[1]
    for found, number in ((made.first, 15), (made.last, 29)):
        assert np.abs(found.astype(int) - thumbnail(frame_of(number))).mean() < 2


def test_a_detector_gets_colours_upright(tmp_path: Path) -> None:
    quarter = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    source = write_video(tmp_path / "source.mp4", frames=1, sound=None, matrix=quarter)
    got: list[Pixels] = []

    def keep(pixels: Pixels) -> Sequence[Detection]:
        got.append(pixels)
        return []

    looked(source, seconds=0.3, find=keep)
    expected = upright(frame_of(0).to_ndarray(format="rgb24").astype(np.uint8), orientation=6)
    assert got[0].shape == expected.shape == (WIDTH, 96, 3)
    assert np.abs(got[0].astype(int) - expected).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_in_the_upright_frame_is_where_its_pixels_are_stored(orientation: int) -> None:
    stored = luma_of(3, width=40, height=20)
    box = Box(left=0.1, top=0.2, right=0.6, bottom=0.5)
    shown = upright(stored, orientation=orientation)
    at = box.as_stored(orientation=orientation)
    one = shown[
        round(box.top * shown.shape[0]) : round(box.bottom * shown.shape[0]),
        round(box.left * shown.shape[1]) : round(box.right * shown.shape[1]),
    ]
    other = stored[round(at.top * 20) : round(at.bottom * 20), round(at.left * 40) : round(at.right * 40)]
    assert (one == upright(other, orientation=orientation)).all()


@pytest.mark.parametrize("style", list(Style))
def test_what_was_found_passes_json(film: Path, style: Style) -> None:
    made = looked(film, seconds=0.2, find=lambda _pixels: [FACE], style=style)[1]
    told = json.loads(json.dumps(made.as_json()))
    again = Looked.from_json(told)
    assert again.found == made.found
    assert again.as_json() == made.as_json()
    assert all((it.cells is None) == (style is Style.FILL) for found in made.found.values() for it in found)


def test_a_detector_that_fails_is_not_a_frame_without_faces(film: Path) -> None:
    def fail(_pixels: Pixels) -> Sequence[Detection]:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        looked(film, seconds=0.3, find=fail)


@pytest.mark.parametrize("seconds", [-0.1, 0.31, 1])
def test_looks_are_never_further_apart_than_a_face_is_covered_before_it_is_found(seconds: float) -> None:
    with pytest.raises(ValueError, match="between two looks"):
        Look(find=nothing, is_cut=never, seconds=seconds)


def test_frames_that_are_not_planned_are_a_mismatch(film: Path) -> None:
    info, whole = planned(film, seconds=0.5)
    chunk = whole.chunks[1]
    how = Look(find=nothing, is_cut=never, seconds=0.3)
    with pytest.raises(ChunkMismatchError):
        look(film, chunk=chunk, info=info, frames=whole.frames[: chunk.frames], how=how)
