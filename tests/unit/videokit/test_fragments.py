"""Films in fragments whose edit lists say how long they last (ISO/IEC 14496-12, 8.6.6)."""

from pathlib import Path

import av
import pytest
from tests.unit.videokit.boxes import trim
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import write_video

from safelight_contracts.redaction.videos import VideoLimits
from videokit.faults import VideoFault, VideoRejected
from videokit.probe import probe

FRAGMENTS = {"movflags": "frag_keyframe+delay_moov"}
FRAMES, RATE = 60, 30


def film(path: Path, *, seconds: float, sound: str | None = "aac") -> Path:
    """Write two seconds of film of which the edit lists show so many from the start on."""
    return trim(write_video(path, frames=FRAMES, container=FRAGMENTS, sound=sound), start=0, seconds=seconds)


def reason(source: Path) -> VideoFault:
    with pytest.raises(VideoRejected) as caught:
        probe(source, limits=VideoLimits())
    return caught.value.reason


@pytest.mark.parametrize("seconds", [1, 1.96])
@pytest.mark.parametrize("sound", ["aac", None])
def test_a_film_whose_end_is_hidden_is_refused_before_any_work(
    tmp_path: Path, seconds: float, sound: str | None
) -> None:
    source = film(tmp_path / "source.mp4", seconds=seconds, sound=sound)
    # FFmpeg shows it to the end, as some players do. Others stop where the edit list ends.
    with av.open(str(source)) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
    assert reason(source) is VideoFault.EDITED


@pytest.mark.parametrize(("name", "sound"), [("source.mp4", "aac"), ("source.mov", "pcm_s16le")])
def test_sound_whose_end_is_hidden_is_refused_before_any_work(tmp_path: Path, name: str, sound: str) -> None:
    source = film(tmp_path / name, seconds=0, sound=sound)
    data = bytearray(source.read_bytes())
    duration = data.rindex(b"elst") + 12
    data[duration : duration + 4] = (1_900).to_bytes(4, "big")
    source.write_bytes(data)
    assert reason(source) is VideoFault.EDITED


@pytest.mark.parametrize("seconds", [0, FRAMES / RATE, 100])
def test_a_film_that_is_shown_to_its_end_keeps_all_frames_and_all_sound(tmp_path: Path, seconds: float) -> None:
    source = film(tmp_path / "source.mp4", seconds=seconds)
    made = redacted(source, tmp_path / "made", seconds=0.5)
    with av.open(str(made)) as container:
        kinds = [it.stream.type for it in container.demux() if it.size]
    # Two seconds and the priming have 95 packets.
    assert (kinds.count("video"), kinds.count("audio")) == (FRAMES, 95)
