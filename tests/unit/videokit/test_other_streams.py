"""Picture and sound pass; all else that a container holds does not."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from tests.unit.videokit.pictures import frame_of, luma_of, lumas, psnr
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import H264, add_sound, write_sound, write_video

from videokit.faults import VideoRejected
from videokit.sound_header import without_comments

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


def with_header(source: Path, path: Path, *, header: bytes) -> Path:
    """Copy a video, with another header of its sound."""
    with av.open(str(source)) as container, av.open(str(path), "w") as output:
        streams = {it.index: output.add_stream_from_template(it) for it in container.streams}
        streams[container.streams.audio[0].index].codec_context.extradata = header
        for packet in container.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                output.mux_one(packet)
    return path


def sound_header(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return container.streams.audio[0].codec_context.extradata or b""


def vorbis_header(plain: bytes, *, comments: Sequence[bytes]) -> bytes:
    """Headers of Vorbis with comments. `plain`: headers whose first two are shorter than 255 bytes."""
    first, second = plain[1:3]
    comment = b"\x03vorbis" + struct.pack("<I", 0) + struct.pack("<I", len(comments))
    comment += b"".join(struct.pack("<I", len(it)) + it for it in comments) + b"\x01"
    lacing = bytes([first]) + b"\xff" * (len(comment) // 255) + bytes([len(comment) % 255])
    return plain[:1] + lacing + plain[3 : 3 + first] + comment + plain[3 + first + second :]


def write_vorbis(path: Path) -> Path:
    """Write a video of a second with noise by FFmpeg's own encoder, which knows stereo only."""
    random = np.random.default_rng(0)
    with av.open(str(path), "w") as output:
        picture = add_picture(output)
        sound = output.add_stream("vorbis", rate=48_000, layout="stereo", options={"strict": "-2"})
        for number in range(30):
            frame = frame_of(number)
            frame.pts, frame.time_base = number, Fraction(1, 30)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        size = 64
        for number in range(48_000 // size):
            samples = random.uniform(-0.3, 0.3, (2, size)).astype(np.float32)
            heard = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            heard.rate, heard.pts, heard.time_base = 48_000, number * size, Fraction(1, 48_000)
            output.mux(sound.encode(heard))
        output.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("length", [1, 300])
def test_comments_of_vorbis_do_not_pass(tmp_path: Path, length: int) -> None:
    plain = write_vorbis(tmp_path / "plain.mkv")
    comments = [b"LOCATION=" + PLACE.encode(), b"METADATA_BLOCK_PICTURE=" + b"secret" * length]
    header = vorbis_header(sound_header(plain), comments=comments)
    source = with_header(plain, tmp_path / "source.mkv", header=header)
    assert PLACE.encode() in source.read_bytes()
    made = redacted(source, tmp_path / "made")
    assert PLACE.encode() not in made.read_bytes()
    assert b"secret" not in made.read_bytes()
    assert sound_of_file(made) == sound_of_file(source)


@pytest.mark.parametrize("part", [0, 2])
def test_headers_of_vorbis_that_hold_something_else_are_rejected(tmp_path: Path, part: int) -> None:
    plain = sound_header(write_vorbis(tmp_path / "plain.mkv"))
    first, second = plain[1:3]
    headers = [plain[3 : 3 + first], plain[3 + first : 3 + first + second], plain[3 + first + second :]]
    headers[part] += b"secret" * 3_000
    lacing = b"".join(b"\xff" * (len(it) // 255) + bytes([len(it) % 255]) for it in headers[:2])
    with pytest.raises(VideoRejected, match="UNSUPPORTED_SOUND"):
        without_comments(plain[:1] + lacing + b"".join(headers))


def sound_of_file(path: Path) -> list[bytes]:
    """The decoded samples."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(audio=0)]


@pytest.mark.parametrize("header", [b"", b"\x02", b"\x02\xff\xff", b"\x02\x05\x05abc", b"\x01abc", b"\x02\x01\x03xabc"])
def test_headers_of_vorbis_that_cannot_be_read_are_rejected(header: bytes) -> None:
    with pytest.raises(VideoRejected, match="UNSUPPORTED_SOUND"):
        without_comments(header)


def test_sound_whose_header_holds_more_than_decoders_need_is_rejected(tmp_path: Path) -> None:
    plain = write_video(tmp_path / "plain.mkv", frames=30)
    source = with_header(plain, tmp_path / "source.mkv", header=sound_header(plain) + b"secret" * 10)
    with pytest.raises(VideoRejected, match="UNSUPPORTED_SOUND"):
        redacted(source, tmp_path / "made")
