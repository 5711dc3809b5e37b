"""What cameras and editors write beside the tracks of a video does not pass."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import write_video

SECRET = b"+48.8577+002.2950/ and a serial number"
# XMP Specification, part 3, "MPEG-4".
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


@pytest.mark.parametrize(
    "behind",
    [
        box(b"uuid", XMP + SECRET),
        box(b"free", SECRET),
        box(b"skip", SECRET),
        box(b"meta", bytes(4) + box(b"xml ", bytes(4) + SECRET)),
        box(b"mdat", SECRET),
    ],
    ids=["XMP", "free", "skip", "meta", "mdat"],
)
def test_boxes_behind_the_film_do_not_pass(tmp_path: Path, behind: bytes) -> None:
    source = write_video(tmp_path / "source.mp4", frames=15)
    source.write_bytes(source.read_bytes() + behind)
    assert SECRET not in redacted(source, tmp_path / "made").read_bytes()


LANGUAGE = bytes.fromhex("15c7")
USER_DATA = {
    b"\xa9xyz": struct.pack(">H", len(SECRET)) + LANGUAGE + SECRET,
    b"\xa9mak": struct.pack(">H", len(SECRET)) + LANGUAGE + SECRET,
    # 3GPP TS 26.244, 8.10.
    b"loci": bytes(4) + LANGUAGE + SECRET + bytes(1 + 1 + 12) + b"earth\0\0",
    b"GPMF": SECRET,
    b"smta": SECRET,
}


@pytest.mark.parametrize("name", USER_DATA)
def test_user_data_of_the_movie_does_not_pass(tmp_path: Path, name: bytes) -> None:
    source = write_video(tmp_path / "source.mp4", frames=15)
    data = bytearray(source.read_bytes())
    # The movie box is the last one.
    movie, added = data.index(b"moov") - 4, box(b"udta", box(name, USER_DATA[name]))
    struct.pack_into(">I", data, movie, struct.unpack_from(">I", data, movie)[0] + len(added))
    source.write_bytes(data + added)
    assert SECRET not in redacted(source, tmp_path / "made").read_bytes()


def test_an_attachment_of_matroska_does_not_pass(tmp_path: Path) -> None:
    film, source = write_video(tmp_path / "film.mkv", frames=15), tmp_path / "source.mkv"
    with av.open(str(film)) as container, av.open(str(source), "w") as output:
        streams = {it.index: output.add_stream_from_template(it) for it in container.streams}
        output.add_attachment("place.txt", "text/plain", SECRET)
        for packet in container.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux_one(packet)
    assert SECRET in source.read_bytes()
    assert SECRET not in redacted(source, tmp_path / "made").read_bytes()


def test_the_date_of_the_film_and_of_its_tracks_does_not_pass(tmp_path: Path) -> None:
    told = {"creation_time": "2021-06-05T04:03:02Z"}
    made = redacted(write_video(tmp_path / "source.mp4", frames=15, metadata=told), tmp_path / "made")
    with av.open(str(made)) as container:
        assert "creation_time" not in container.metadata
        assert all("creation_time" not in it.metadata for it in container.streams)
        assert container.streams.video[0].average_rate == Fraction(30)
