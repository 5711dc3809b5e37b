"""No face of the labelled set is bare in any frame."""

from collections.abc import Callable
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.redaction_videos.bareness import bareness, covers_for
from tests.redaction_videos.drawing import frames_of
from tests.redaction_videos.looking import Seen, seen_in
from tests.redaction_videos.misses import with_misses
from tests.redaction_videos.scenes import cuts_of
from tests.redaction_videos.the_set import labelled_set
from tests.redaction_videos.writing import write_scene

SCENES = {scene.name: scene for scene in labelled_set()}
every_scene = pytest.mark.parametrize("name", SCENES)

SeenIn = Callable[[str], Seen]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> SeenIn:
    """What the detector finds in the video of a scene, looked at once."""
    folder = tmp_path_factory.mktemp("videos")

    @cache
    def look(name: str) -> Seen:
        return seen_in(SCENES[name], write_scene(SCENES[name], folder / f"{name}.mp4"))

    return look


@every_scene
def test_no_face_is_bare_in_any_frame(name: str, seen: SeenIn) -> None:
    assert bareness(SCENES[name], covers_for(seen(name))).bare == []


@every_scene
@given(random=st.randoms(use_true_random=False), share=st.floats(0, 0.3), burst=st.floats(0, 0.95))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_detector_that_misses_faces_leaves_none_bare(
    name: str, seen: SeenIn, random: Random, share: float, burst: float
) -> None:
    missing = with_misses(SCENES[name], seen(name), random=random, share=share, burst=burst)

    assert bareness(SCENES[name], covers_for(missing)).bare == []


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
    scene = SCENES["cuts"]

    assert all(
        np.array_equal(one, other) for one, other in zip(frames_of(scene), frames_of(labelled_set()[4]), strict=True)
    )
