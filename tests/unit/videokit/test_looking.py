"""The frames of a chunk that a detector looks at."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.videokit.pictures import WIDTH, frame_of, luma_of
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import H264_OPEN, write_video

from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.faults import ChunkMismatchError
from videokit.looking import Find, IsCut, Look, Looked, look, thumbnail
from videokit.orientation import upright
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


@pytest.mark.parametrize(
    ("seconds", "frames"),
    [
        (0, range(15, 30)),
        (0.1, [15, 18, 21, 24, 27, 29]),
        (0.3, [15, 24, 29]),
    ],
)
def test_the_first_and_the_last_frame_and_some_between_are_looked_at(
    film: Path, seconds: float, frames: Sequence[int]
) -> None:
    assert list(looked(film, seconds=seconds)[1].found) == list(frames)


def test_both_sides_of_a_cut_are_looked_at(film: Path) -> None:
    thumbnails = [thumbnail(frame_of(number)).astype(int) for number in range(60)]

    def begins_at_20(_before: Pixels, after: Pixels) -> bool:
        return min(range(60), key=lambda it: abs(thumbnails[it] - after).sum()) == 20

    made = looked(film, seconds=0.3, is_cut=begins_at_20)
    assert [it.cuts for it in made] == [[], [20], [], []]
    assert list(made[1].found) == [15, 19, 20, 29]


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
