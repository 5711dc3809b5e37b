"""Pixels that no player shows are not published."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.videokit.boxes import crop
from tests.unit.videokit.copying import copied
from tests.unit.videokit.pictures import HEIGHT, WIDTH, luma_of, lumas, psnr
from tests.unit.videokit.redacting import LIMITS, redacted
from tests.unit.videokit.videos import H264, HEVC_OPEN, write_video

from videokit.faults import VideoFault, VideoRejected
from videokit.probe import probe

CLOSE = 32


@pytest.mark.parametrize("left", [18, 34])
@pytest.mark.parametrize(("codec", "options", "name"), [("libx264", H264, "h264"), ("libx265", HEVC_OPEN, "hevc")])
def test_what_the_bit_stream_cuts_off_is_not_in_the_picture(
    tmp_path: Path, codec: str, options: dict[str, str], name: str, left: int
) -> None:
    whole = write_video(tmp_path / "whole.mp4", codec=codec, options=options, frames=20, sound=None)
    filtered = f"{name}_metadata=crop_left={left}:crop_top=6:crop_right=4"
    source = copied(whole, tmp_path / "source.mp4", bit_stream_filter=filtered)
    found = lumas(redacted(source, tmp_path / "made", seconds=0.5))
    assert {it.shape for it in found} == {(HEIGHT - 6, WIDTH - left - 4)}
    expected = [np.ascontiguousarray(luma_of(number)[6:, left:-4]) for number in range(20)]
    assert all(psnr(one, other) > CLOSE for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_what_the_container_cuts_off_is_refused(tmp_path: Path, suffix: str) -> None:
    first = ".mp4" if suffix == ".mkv" else suffix
    source = crop(write_video(tmp_path / f"source{first}", frames=4, sound=None), width=WIDTH - 32, height=HEIGHT)
    if suffix == ".mkv":
        source = copied(source, tmp_path / "source.mkv")
    with pytest.raises(VideoRejected) as caught:
        probe(source, limits=LIMITS)
    assert caught.value.reason is VideoFault.CROPPED


def test_a_container_that_states_the_whole_frame_cuts_nothing_off(tmp_path: Path) -> None:
    source = crop(write_video(tmp_path / "source.mp4", frames=4, sound=None), width=WIDTH, height=HEIGHT)
    assert probe(source, limits=LIMITS).width == WIDTH
