"""Videos that are refused, each with its reason."""

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.unit.videokit.boxes import compress_header, patch, show_pieces, trim
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import H264, HEVC_OPEN, add_sound, write_sound, write_video

from safelight_contracts.redaction.videos import VideoLimits
from videokit.faults import VideoFault, VideoRejected
from videokit.packets import read_packets
from videokit.probe import probe

LIMITS = VideoLimits()
ENCRYPTION = {
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
    "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
}
TEN_DEGREES = (64541, 11380, 0, -11380, 64541, 0, 0, 0, 1 << 30)

REFUSED: Mapping[str, tuple[VideoFault, Mapping[str, object]]] = {
    "MPEG-4 Visual.mp4": (VideoFault.UNSUPPORTED_CODEC, {"codec": "mpeg4", "options": {}}),
    "VP9.mkv": (VideoFault.UNSUPPORTED_CODEC, {"codec": "libvpx-vp9", "options": {}}),
    "AV1.mp4": (VideoFault.UNSUPPORTED_CODEC, {"codec": "libsvtav1", "options": {"svtav1-params": "preset=13"}}),
    "10 bit.mp4": (VideoFault.HIGH_BIT_DEPTH, {"pixel_format": "yuv420p10le"}),
    "HEVC, 10 bit.mp4": (
        VideoFault.HIGH_BIT_DEPTH,
        {"codec": "libx265", "options": HEVC_OPEN, "pixel_format": "yuv420p10le"},
    ),
    "PQ.mp4": (VideoFault.HDR, {"transfer": 16}),
    "HLG.mp4": (VideoFault.HDR, {"transfer": 18}),
    "interlaced.mp4": (VideoFault.INTERLACED, {"options": {"x264-params": "interlaced=1:tff=1"}}),
    "encrypted.mp4": (VideoFault.ENCRYPTED, {"container": ENCRYPTION}),
    "ten degrees.mp4": (VideoFault.ODD_ROTATION, {"matrix": TEN_DEGREES}),
    "wide pixels.mp4": (VideoFault.ODD_PIXELS, {"aspect": Fraction(5)}),
    "high pixels.mkv": (VideoFault.ODD_PIXELS, {"aspect": Fraction(1, 5), "time_base": Fraction(1, 1000)}),
}


def reason(refuse: Callable[[], object]) -> VideoFault:
    """Return why something was refused."""
    with pytest.raises(VideoRejected) as caught:
        refuse()
    return caught.value.reason


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_redacted_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    fault, made = REFUSED[kind]
    source = write_video(tmp_path / kind, frames=4, sound=None, **made)  # type: ignore[arg-type]
    assert reason(lambda: probe(source, limits=LIMITS)) is fault


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", VideoFault.UNSUPPORTED_CONTAINER),
        (b"no video at all", VideoFault.UNSUPPORTED_CONTAINER),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://example.com/a.mp4\n", VideoFault.UNSUPPORTED_CONTAINER),
        (b"\0\0\0\x10ftypisom\0\0\2\0", VideoFault.NOT_A_VIDEO),
        (b"\x1a\x45\xdf\xa3", VideoFault.DAMAGED),
        (b"\x1a\x45\xdf\xa3\x80" + b"\0" * 40, VideoFault.NOT_A_VIDEO),
    ],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes, fault: VideoFault) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert reason(lambda: probe(path, limits=LIMITS)) is fault


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_sound_alone_is_no_video(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound{suffix}"
    with av.open(str(path), "w") as output:
        write_sound(output, add_sound(output), seconds=1)
    assert reason(lambda: probe(path, limits=LIMITS)) is VideoFault.NOT_A_VIDEO


@pytest.mark.parametrize("part", [0.3, 0.7, 0.99, 0.999])
@pytest.mark.parametrize(
    "container",
    [
        ("end.mp4", {}),
        ("start.mp4", {"movflags": "+faststart"}),
        ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("film.mov", {}),
        ("film.mkv", {}),
    ],
)
def test_a_truncated_file_is_damaged(tmp_path: Path, container: tuple[str, Mapping[str, str]], part: float) -> None:
    name, options = container
    source = write_video(tmp_path / name, frames=30, container=options)
    data = source.read_bytes()
    source.write_bytes(data[: int(len(data) * part)])
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.DAMAGED


def test_tags_can_have_any_encoding(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=4, metadata={"title": "Ende gut"})
    source.write_bytes(source.read_bytes().replace(b"Ende gut", b"Ende g\xfct"))
    assert probe(source, limits=LIMITS).width == 160


def test_a_camera_may_append_bytes_of_its_own(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=4)
    source.write_bytes(source.read_bytes() + b"\xff\xff\xff\xffSEFT, and more")
    assert probe(source, limits=LIMITS).width == 160


@pytest.mark.parametrize(
    "limits",
    [VideoLimits(max_pixels=160 * 96 - 1), VideoLimits(max_seconds=1), VideoLimits(max_frames=29)],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_exceeds_a_limit_is_too_large(tmp_path: Path, limits: VideoLimits, suffix: str) -> None:
    source = write_video(tmp_path / f"source{suffix}", frames=60)

    def look() -> None:
        probe(source, limits=limits)
        read_packets(source, limits=limits)

    assert reason(look) is VideoFault.TOO_LARGE


def test_more_frames_listed_than_stored_is_damaged(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", sound=None, options={"x264-params": "keyint=1"}, frames=30)

    def lose_packets(data: bytearray, at: int) -> None:
        # The last sample is behind the end of the file.
        struct.pack_into(">I", data, at + 12 + 4 * 29, 1 << 30)

    patch(source, b"stsz", lose_packets)
    assert reason(lambda: read_packets(source)) is VideoFault.DAMAGED


@pytest.mark.parametrize("lie", [1 << 20, (1 << 32) - 1])
@pytest.mark.parametrize("table", [b"stsz", b"stts", b"stsc", b"stco", b"ctts", b"stss", b"elst"])
def test_tables_that_lie_about_their_length_are_refused_or_harmless(tmp_path: Path, table: bytes, lie: int) -> None:
    source = write_video(tmp_path / "source.mp4", frames=30)
    patch(source, table, lambda data, at: struct.pack_into(">I", data, at + (8 if table == b"stsz" else 4), lie))
    assert len(read_or_refuse(source, tmp_path)) in {0, 30}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "kind",
    [("film.mp4", "libx264", H264), ("film.mkv", "libx265", HEVC_OPEN), ("HEVC.mp4", "libx265", HEVC_OPEN)],
)
def test_random_bytes_are_refused_or_leave_every_frame_that_can_be_read(
    tmp_path: Path, kind: tuple[str, str, Mapping[str, str]], seed: int
) -> None:
    name, codec, options = kind
    source = write_video(tmp_path / name, frames=30, codec=codec, options=options)
    chance, data = random.Random(seed), bytearray(source.read_bytes())  # noqa: S311 - repeatable
    for _ in range(3):
        at = chance.randrange(len(data) - 20)
        data[at : at + 20] = chance.randbytes(20)
    source.write_bytes(data)
    # Nobody knows how many frames a damaged Matroska file had.
    assert len(read_or_refuse(source, tmp_path)) in {0, number_of_packets(source) if name == "film.mkv" else 30}


def number_of_packets(path: Path) -> int:
    """Return how many packets of the picture can be read."""
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            return sum(bool(it.size) for it in container.demux(video=0))
    except av.FFmpegError:
        return 0


def read_or_refuse(source: Path, folder: Path) -> list[object]:
    """Return the frames that are made, or nothing if the video is refused by name and leaves no file.

    Anything else would be tried again for nothing.
    """
    try:
        made = redacted(source, folder / "made", seconds=0.5)
    except VideoRejected:
        assert not list((folder / "made").glob("redacted*"))
        return []
    with av.open(str(made)) as container:
        return [it.pts for it in container.decode(container.streams.video[0])]


def test_a_picture_of_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=4)
    source.write_bytes(source.read_bytes().replace(b"avc1", b"xxxx").replace(b"avcC", b"xxxx"))
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.UNSUPPORTED_CODEC


def test_a_frame_that_the_decoder_has_to_guess_is_damaged(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", sound=None, frames=30)
    with av.open(str(source)) as container:
        _, key = (it for it in container.demux(video=0) if it.size and it.is_keyframe)
        middle = (key.pos or 0) + key.size // 2
        end = (key.pos or 0) + key.size
    data = bytearray(source.read_bytes())
    data[middle:end] = random.Random(1).randbytes(end - middle)  # noqa: S311 - repeatable
    source.write_bytes(data)
    with av.open(str(source)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30
    assert reason(lambda: redacted(source, tmp_path / "made", seconds=0.5)) is VideoFault.DAMAGED


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_packet_that_the_decoder_drops_without_an_error_is_damaged(tmp_path: Path, suffix: str) -> None:
    source = write_video(tmp_path / f"source{suffix}", sound=None, frames=45, codec="libx265", options=HEVC_OPEN)
    with av.open(str(source)) as container:
        packet = [it for it in container.demux(video=0) if it.size][20]
        at = source.read_bytes().index(bytes(packet))
    data = bytearray(source.read_bytes())
    # The header of its NAL unit, behind four bytes of length, becomes that of an end of the bit stream.
    data[at + 4] = 37 << 1
    source.write_bytes(data)
    assert reason(lambda: redacted(source, tmp_path / "made", seconds=0.5)) is VideoFault.DAMAGED


def test_sound_whose_times_fall_is_damaged(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mkv")
    with av.open(str(source)) as container:
        packets = [bytes(it) for it in container.demux(audio=0) if it.size]
    data = bytearray(source.read_bytes())
    # Two bytes of time and one of flags are before what a block holds.
    at = data.index(packets[10])
    data[at - 3 : at - 1] = bytes(2)
    source.write_bytes(data)
    assert reason(lambda: redacted(source, tmp_path / "made")) is VideoFault.DAMAGED


def test_sound_of_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=4)
    source.write_bytes(source.read_bytes().replace(b"mp4a", b"xxxx").replace(b"esds", b"xxxx"))
    assert reason(lambda: redacted(source, tmp_path / "made")) is VideoFault.UNSUPPORTED_SOUND


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "adpcm_ima_qt"])
def test_sound_that_the_container_cannot_hold_is_refused_before_any_work(tmp_path: Path, codec: str) -> None:
    source = write_video(tmp_path / "source.mov", frames=4, sound=codec)
    assert probe(source, limits=LIMITS).width == 160
    # Cameras write it into MP4 all the same.
    source.write_bytes(source.read_bytes().replace(b"ftypqt  ", b"ftypisom"))
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.UNSUPPORTED_SOUND


def test_frames_of_another_size_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.mkv"
    options = H264 | {"x264-params": "keyint=15:repeat-headers=1:bframes=0"}
    one = write_video(tmp_path / "one.mkv", frames=15, sound=None, options=options)
    other = write_video(tmp_path / "other.mkv", frames=15, sound=None, options=options, width=192)
    with av.open(str(one)) as first, av.open(str(other)) as second, av.open(str(source), "w") as output:
        stream = output.add_stream_from_template(first.streams.video[0])
        for offset, container in ((0, first), (500, second)):
            for packet in container.demux(video=0):
                if packet.size:
                    packet.pts = (packet.pts or 0) + offset
                    packet.dts = None if packet.dts is None else packet.dts + offset
                    packet.stream = stream
                    output.mux_one(packet)
    assert reason(lambda: redacted(source, tmp_path / "made")) is VideoFault.SIZE_CHANGES


def test_a_film_without_a_key_frame_is_damaged(tmp_path: Path) -> None:
    whole = write_video(
        tmp_path / "whole.mkv", frames=30, sound=None, options={"x264-params": "keyint=infinite:bframes=0"}
    )
    source = tmp_path / "source.mkv"
    with av.open(str(whole)) as container, av.open(str(source), "w") as output:
        stream = output.add_stream_from_template(container.streams.video[0])
        for packet in container.demux(video=0):
            if packet.size and not packet.is_keyframe:
                packet.stream = stream
                output.mux_one(packet)
    assert reason(lambda: redacted(source, tmp_path / "made")) is VideoFault.DAMAGED


@pytest.mark.parametrize("pieces", [[(0, 0.5), (1, 0.5)], [(1, 0.5), (0, 0.5)], [(0, 0.5), (0, 0.5)]])
@pytest.mark.parametrize("name", ["source.mp4", "source.mov"])
def test_an_edit_list_with_several_pieces_is_refused_before_any_work(
    tmp_path: Path, name: str, pieces: Sequence[tuple[float, float]]
) -> None:
    source = show_pieces(write_video(tmp_path / name), pieces)
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.EDITED


def test_an_edit_list_may_begin_with_a_pause(tmp_path: Path) -> None:
    source = show_pieces(write_video(tmp_path / "source.mp4"), [(-1, 0.5), (0.5, 1)])
    assert len(read_or_refuse(source, tmp_path)) == 30


def test_a_compressed_header_is_refused_before_any_work(tmp_path: Path) -> None:
    source = compress_header(trim(write_video(tmp_path / "source.mov"), start=0.5, seconds=1))
    # FFmpeg reads it, edit lists included.
    with av.open(str(source)) as container:
        assert [it.type for it in container.streams] == ["video", "audio"]
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.UNSUPPORTED_CONTAINER


def test_matroska_that_does_not_count_milliseconds_is_refused_before_any_work(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mkv", frames=4)
    scale, half = b"\x2a\xd7\xb1\x83" + (1_000_000).to_bytes(3, "big"), (500_000).to_bytes(3, "big")
    source.write_bytes(source.read_bytes().replace(scale, scale[:4] + half))
    assert reason(lambda: probe(source, limits=LIMITS)) is VideoFault.UNSUPPORTED_CONTAINER
