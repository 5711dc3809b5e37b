"""Picture and sound pass; all else that a container holds does not."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from tests.unit.videokit.pictures import frame_of, luma_of, lumas, psnr
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import H264, add_sound, write_sound, write_video

PLACE = "+48.8577+002.2950/"
SECRETS = {
    "title": "the secret title",
    "comment": "the secret comment",
    "location": PLACE,
    "com.apple.quicktime.location.ISO6709": PLACE,
    "timecode": "01:02:03:04",
}
LINE = "the secret line"


def add_picture(output: OutputContainer) -> VideoStream:
    """Add a stream of H.264 to a container that is written."""
    stream = output.add_stream("libx264", rate=30, options=H264)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
    return stream


def write_rich(path: Path) -> Path:
    """Write a video with tags, chapters, subtitles, a second sound and a second picture."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"} if path.suffix != ".mkv" else {}) as output:
        output.metadata.update(SECRETS)
        pictures = [add_picture(output) for _ in range(2)]
        sounds = [add_sound(output) for _ in range(2)]
        lines = output.add_mux_stream("mov_text" if path.suffix != ".mkv" else "subrip")
        for stream in (*pictures, *sounds):
            stream.metadata["title"] = "the secret track"
            stream.metadata["handler_name"] = "the secret handler"
        output.set_chapters(
            [
                {
                    "id": 1,
                    "start": 0,
                    "end": 1000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "the secret chapter"},
                }
            ]
        )
        for offset, stream in zip((0, 100), pictures, strict=True):
            for number in range(30):
                frame = frame_of(number + offset)
                frame.pts, frame.time_base = number, Fraction(1, 30)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        for sound in sounds:
            write_sound(output, sound, seconds=1)
        packet = Packet((struct.pack(">H", len(LINE)) if path.suffix != ".mkv" else b"") + LINE.encode())
        packet.pts = packet.dts = 0
        packet.duration, packet.time_base, packet.stream = 500, Fraction(1, 1000), lines
        output.mux_one(packet)
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_tags_chapters_subtitles_and_other_tracks_do_not_pass(tmp_path: Path, suffix: str) -> None:
    source = write_rich(tmp_path / f"source{suffix}")
    made = redacted(source, tmp_path / "made", seconds=0.5)
    before, after = source.read_bytes(), made.read_bytes()
    assert LINE.encode() in before
    for secret in (*SECRETS.values(), LINE, "secret"):
        assert secret.encode() not in after
    with av.open(str(made)) as container:
        assert [it.type for it in container.streams] == ["video", "audio"]
        assert not container.chapters()
    assert psnr(lumas(made)[5], luma_of(5)) > 32


def test_cover_art_does_not_pass(tmp_path: Path) -> None:
    film, source = write_video(tmp_path / "film.mp4", frames=30), tmp_path / "source.mp4"
    art = frame_of(7).reformat(format="yuvj420p")
    with av.open(str(film)) as container, av.open(str(source), "w") as output:
        cover = output.add_stream("mjpeg", rate=1)
        assert isinstance(cover, VideoStream)
        cover.width, cover.height, cover.pix_fmt = 160, 96, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        streams = {it.index: output.add_stream_from_template(it) for it in container.streams}
        art.pts, art.time_base = 0, Fraction(1)
        output.mux(cover.encode(art))
        output.mux(cover.encode(None))
        for packet in container.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux_one(packet)
    with av.open(str(source)) as container:
        assert any(it.disposition & av.stream.Disposition.attached_pic for it in container.streams)
    made = redacted(source, tmp_path / "made")
    with av.open(str(made)) as container:
        assert [it.type for it in container.streams] == ["video", "audio"]
    assert b"JFIF" not in made.read_bytes()
    assert len(lumas(made)) == 30


def test_a_track_of_data_does_not_pass(tmp_path: Path) -> None:
    film, source = write_video(tmp_path / "film.mp4", frames=30), tmp_path / "source.mp4"
    with av.open(str(film)) as container, av.open(str(source), "w") as output:
        streams = {it.index: output.add_stream_from_template(it) for it in container.streams}
        data = output.add_data_stream("bin_data")
        for packet in container.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux_one(packet)
        place = Packet(PLACE.encode())
        place.pts = place.dts = 0
        place.duration, place.time_base, place.stream = 1, Fraction(1, 1000), data
        output.mux_one(place)
    assert PLACE.encode() in source.read_bytes()
    made = redacted(source, tmp_path / "made")
    assert PLACE.encode() not in made.read_bytes()


def test_closed_captions_in_the_picture_do_not_pass(tmp_path: Path) -> None:
    """ATSC A/53, part 4: the captions of a frame are user data of its bit stream."""
    captions = b"\xb5\x00\x31GA94\x03\xc1\xff\xfc\x41\x42\xff"
    unit = b"\0\0\0\1\x06\x04" + bytes([len(captions)]) + captions + b"\x80"
    source = tmp_path / "source.mp4"
    with av.open(str(source), "w") as output:
        stream = add_picture(output)
        for frame in (*map(frame_of, range(20)), None):
            for packet in stream.encode(frame):
                told = Packet(unit + bytes(packet))
                told.pts, told.dts, told.time_base, told.stream = packet.pts, packet.dts, packet.time_base, stream
                told.is_keyframe = packet.is_keyframe
                output.mux_one(told)
    with av.open(str(source)) as container:
        assert "A53_CC" in next(container.decode(video=0)).side_data
    made = redacted(source, tmp_path / "made")
    assert b"GA94" in source.read_bytes()
    assert b"GA94" not in made.read_bytes()
