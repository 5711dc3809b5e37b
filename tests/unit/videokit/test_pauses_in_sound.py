"""Recordings of live streams: a film in fragments whose sound pauses between them."""

from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import write_video

_SOUND = 2
"""The id of the track."""


def boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The type, the start and the end of the contents of each box."""
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4], "big")
        yield bytes(data[start + 4 : start + 8]), start + 8, start + size
        start += size


def write_pausing(path: Path, *, pause: int) -> Path:
    """Write a film in fragments, whose sound pauses for so many ticks before each."""
    write_video(path, frames=90, container={"movflags": "frag_keyframe+empty_moov"})
    data, fragments = bytearray(path.read_bytes()), 0
    for kind, start, end in list(boxes(data, 0, len(data))):
        for track, first, last in list(boxes(data, start, end)) if kind == b"moof" else ():
            parts = {name: begin for name, begin, _ in boxes(data, first, last)} if track == b"traf" else {}
            if parts and int.from_bytes(data[parts[b"tfhd"] + 4 : parts[b"tfhd"] + 8], "big") == _SOUND:
                at, size = parts[b"tfdt"] + 4, 8 if data[parts[b"tfdt"]] else 4
                time = int.from_bytes(data[at : at + size], "big") + fragments * pause
                data[at : at + size] = time.to_bytes(size, "big")
                fragments += 1
    assert fragments > 1
    path.write_bytes(data)
    return path


def starts(path: Path) -> list[float]:
    """When each packet of sound starts, in seconds."""
    with av.open(str(path)) as container:
        return [float(it.pts * it.time_base) for it in container.demux(audio=0) if it.size and it.pts is not None]


@pytest.mark.parametrize("pause", [24, 96, 960])
def test_sound_that_pauses_keeps_its_times(tmp_path: Path, pause: int) -> None:
    source = write_pausing(tmp_path / "source.mp4", pause=pause)
    assert starts(redacted(source, tmp_path / "made")) == pytest.approx(starts(source), abs=0.001)
