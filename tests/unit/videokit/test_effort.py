"""A video whose chunks cannot be made in the time of a function is refused before any work."""

from pathlib import Path

import pytest
from tests.unit.videokit.redacting import planned
from tests.unit.videokit.videos import H264, write_video

from videokit.effort import validate_effort
from videokit.faults import VideoFault, VideoRejected

ONE_KEY_FRAME = {"x264-params": "keyint=infinite:scenecut=0:bframes=0"}


def test_chunks_far_from_their_key_frame_take_more_packets(tmp_path: Path) -> None:
    far = write_video(tmp_path / "far.mp4", sound=None, options=ONE_KEY_FRAME)
    near = write_video(tmp_path / "near.mp4", sound=None, options=H264)
    assert [it.packets for it in planned(far, seconds=0.2)[1].chunks] == [18, 36, 54, 60]
    # A frame of the next group is stored before the last one of this, or after it.
    assert max(it.packets for it in planned(near, seconds=0.2)[1].chunks) < 20


def test_key_frames_that_are_too_far_from_one_another_are_refused_by_name(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", sound=None, options=ONE_KEY_FRAME)
    plan = planned(source, seconds=0.2)[1]
    with pytest.raises(VideoRejected) as caught:
        validate_effort(source, plan=plan, max_seconds=1e-9)
    assert caught.value.reason is VideoFault.KEY_FRAMES_TOO_FAR
    assert caught.value.detail["frames"] == 60
    # Nothing here takes an hour to decode.
    validate_effort(source, plan=plan, max_seconds=3600)
