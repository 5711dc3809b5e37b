"""How long the chunks of a video are."""

from dataclasses import replace

import pytest
from tests.unit.redaction_functions.video.test_linking import INFO

from awskit.redaction.video.probing import chunk_seconds


@pytest.mark.parametrize(
    ("width", "height", "seconds"), [(640, 360, 10), (1920, 1080, 10), (1080, 1920, 10), (3840, 2160, 2.5)]
)
def test_chunks_of_larger_frames_are_shorter(width: int, height: int, seconds: float) -> None:
    assert chunk_seconds(replace(INFO, width=width, height=height)) == seconds
