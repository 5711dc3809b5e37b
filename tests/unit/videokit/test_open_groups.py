"""Key frames that are not where decoding can start afresh, as phones and cameras write them."""

import struct
from collections.abc import Sequence
from pathlib import Path

import av
import pytest
from tests.unit.videokit.pictures import luma_of, lumas, psnr
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import H264_OPEN, HEVC_OPEN, write_video

CLOSE = 32
# ITU-T H.264, table 7-1, and D.1.8: supplemental information is a unit of type 6, and a recovery point in it of type 6.
H264_SLICE, H264_IDR, H264_SEI, RECOVERY_POINT = 1, 5, 6, 6
# ITU-T H.265, table 7-1. The leading pictures need what is before the CRA picture, and are skipped at random access.
HEVC_LEADING, HEVC_CRA = {8, 9}, 21


def units(path: Path) -> Sequence[Sequence[bytes]]:
    """Return the NAL units of each packet of the picture, in the order of decoding."""
    with av.open(str(path)) as container:
        return [_split(bytes(it)) for it in container.demux(video=0) if it.size]


def _split(data: bytes) -> Sequence[bytes]:
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


def h264_types(packet: Sequence[bytes]) -> Sequence[int]:
    return [it[0] & 31 for it in packet]


def hevc_types(packet: Sequence[bytes]) -> Sequence[int]:
    return [it[0] >> 1 & 63 for it in packet]


@pytest.fixture(scope="module")
def h264(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("h264") / "source.mp4", options=H264_OPEN, sound=None)


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hevc")
    return write_video(folder / "source.mp4", codec="libx265", options=HEVC_OPEN, sound=None)


def test_the_h264_here_has_recovery_points_that_are_no_idr_pictures(h264: Path) -> None:
    recoveries = [
        packet for packet in units(h264) if any(it[0] & 31 == H264_SEI and it[1] == RECOVERY_POINT for it in packet)
    ]
    assert len(recoveries) == 3
    assert all(H264_SLICE in h264_types(it) and H264_IDR not in h264_types(it) for it in recoveries)


def test_the_hevc_here_has_cra_pictures_with_leading_pictures(hevc: Path) -> None:
    types = [kind for packet in units(hevc) for kind in hevc_types(packet)]
    assert types.count(HEVC_CRA) >= 3
    assert HEVC_LEADING & set(types)


@pytest.mark.parametrize("name", ["h264", "hevc"])
def test_every_frame_is_whole_wherever_the_chunks_begin(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    found = lumas(redacted(request.getfixturevalue(name), tmp_path / "made", seconds=0.5))
    assert [psnr(it, luma_of(number)) > CLOSE for number, it in enumerate(found)] == [True] * 60


@pytest.mark.parametrize("name", ["h264", "hevc"])
def test_each_chunk_begins_with_an_idr_picture(request: pytest.FixtureRequest, tmp_path: Path, name: str) -> None:
    redacted(request.getfixturevalue(name), tmp_path / "made", seconds=0.5)
    chunks = sorted((tmp_path / "made").glob("[0-9].mp4"))
    assert len(chunks) == 4
    assert all(H264_IDR in h264_types(units(it)[0]) for it in chunks)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_hevc_film_that_starts_with_a_cra_picture_loses_its_leading_pictures_only(
    tmp_path: Path, hevc: Path, suffix: str
) -> None:
    """As players cut films without encoding them again."""
    source = tmp_path / f"cut{suffix}"
    with av.open(str(hevc)) as container, av.open(str(source), "w") as output:
        stream = output.add_stream_from_template(container.streams.video[0])
        keys = 0
        for packet in container.demux(video=0):
            keys += packet.is_keyframe
            if packet.size and keys > 1:
                packet.stream = stream
                output.mux_one(packet)
    found = lumas(redacted(source, tmp_path / "made", seconds=0.5))
    assert [psnr(it, luma_of(15 + number)) > CLOSE for number, it in enumerate(found)] == [True] * 45
