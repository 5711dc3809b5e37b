"""No face of the labelled set is bare in any frame."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.redaction_videos.bareness import MOST_BARE, bareness, covers_for
from tests.redaction_videos.drawing import frames_of
from tests.redaction_videos.looking import Seen, seen_in
from tests.redaction_videos.misses import with_misses
from tests.redaction_videos.scenes import HEIGHT, WIDTH, cuts_of, faces_in
from tests.redaction_videos.the_set import labelled_set
from tests.redaction_videos.writing import write_scene
from tests.unit.videokit.redacting import planned, redacted

SCENES = {scene.name: scene for scene in labelled_set()}
every_scene = pytest.mark.parametrize("name", SCENES)

# Of 255: what encoding adds to a flat colour.
ENCODING = 16

Video = Callable[[str], Path]
SeenIn = Callable[[str], Seen]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Video:
    """The video of a scene, written once."""
    folder = tmp_path_factory.mktemp("videos")
    return cache(lambda name: write_scene(SCENES[name], folder / f"{name}.mp4"))


@pytest.fixture(scope="module")
def seen(video: Video) -> SeenIn:
    """What the detector finds in the video of a scene, looked at once."""
    return cache(lambda name: seen_in(SCENES[name], video(name)))


@every_scene
def test_no_face_is_bare_in_any_frame(name: str, seen: SeenIn) -> None:
    assert bareness(SCENES[name], covers_for(seen(name))).bare == []


# A face that is fast, and missed for half a second, is somewhere else: no rule covers its way.
@pytest.mark.parametrize("name", [name for name in SCENES if not name.startswith("fast")])
@given(random=st.randoms(use_true_random=False), share=st.floats(0, 0.3), burst=st.floats(0, 0.95))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_detector_that_misses_faces_leaves_none_bare(
    name: str, seen: SeenIn, random: Random, share: float, burst: float
) -> None:
    missing = with_misses(SCENES[name], seen(name), random=random, share=share, burst=burst)

    assert bareness(SCENES[name], covers_for(missing)).bare == []


@pytest.mark.parametrize("aspect", [Fraction(2), Fraction(3), Fraction(1, 3)])
def test_no_face_is_bare_in_frames_that_are_stored_squeezed(tmp_path: Path, aspect: Fraction) -> None:
    scene = SCENES["turns its head"]
    source = write_scene(scene, tmp_path / "squeezed.mp4", aspect=aspect)

    assert bareness(scene, covers_for(seen_in(scene, source))).bare == []


def test_without_bridges_a_face_behind_a_bar_is_bare(seen: SeenIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("videokit.tracks.linking.BRIDGE_SECONDS", 0.2)

    assert bareness(SCENES["behind a bar"], covers_for(seen("behind a bar"))).bare


@every_scene
def test_covers_take_little_of_the_rest_of_a_frame(name: str, seen: SeenIn) -> None:
    assert bareness(SCENES[name], covers_for(seen(name))).too_much < 0.35


def test_nothing_but_cuts_is_taken_for_a_cut(seen: SeenIn) -> None:
    found = {name: set(seen(name).timeline.cuts) for name in SCENES}

    assert all(found[name] <= set(cuts_of(scene)) for name, scene in SCENES.items())
    # A cut between scenes that are as bright as one another is missed. That covers too much, and bares nothing.
    assert len(found["cuts"]) >= 3


def test_the_set_is_the_same_each_time() -> None:
    first, again = (frames_of(scenes[4]) for scenes in (labelled_set(), labelled_set()))

    # Until after the first cut.
    assert all(np.array_equal(one, other) for one, other in islice(zip(first, again, strict=True), 24))


def test_a_face_is_flat_in_every_frame_of_the_redacted_video(seen: SeenIn, video: Video, tmp_path: Path) -> None:
    """The scene goes the whole way: looked at, linked, covered, joined, and decoded again."""
    name = "comes nearer"
    frames = planned(video(name), seconds=1)[1].frames
    covers = {frames[index].pts: boxes for index, boxes in covers_for(seen(name)).items()}

    result = redacted(video(name), tmp_path / "work", seconds=1, covers=covers)

    with av.open(str(result)) as container:
        shown = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(shown) == len(SCENES[name].times)
    for pixels, (face,) in zip(shown, faces_in(SCENES[name]), strict=True):
        part = pixels[
            int(face.top * HEIGHT) : int(np.ceil(face.bottom * HEIGHT)),
            int(face.left * WIDTH) : int(np.ceil(face.right * WIDTH)),
        ].astype(np.int16)
        assert (np.abs(part - np.median(part)) > ENCODING).mean() <= MOST_BARE
