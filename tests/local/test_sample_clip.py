"""The sample video has a face that moves, in every frame."""

import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from safelight.core.models import model_folder
from safelight_local.sample_clip import RATE, SECONDS, write_clip
from visionkit.faces import find_faces

Picture = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Picture]:
    with av.open(str(write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4"))) as container:
        return [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in container.decode(video=0)]


def test_it_is_short(frames: Sequence[Picture]) -> None:
    assert len(frames) == SECONDS * RATE == 40


def test_a_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"something else")
    with av.open(str(write_clip(tmp_path / "clip.mp4"))) as container:
        assert container.streams.video[0].codec_context.name == "h264"


def test_one_face_is_found_where_it_moves(frames: Sequence[Picture], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(model_folder() / "python")])
    places = set()
    for frame in frames[::13]:
        (face,) = find_faces(frame, min_score=0.4).found
        places.add(face.box)
    assert len(places) == len(frames[::13])
