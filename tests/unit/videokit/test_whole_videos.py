"""Videos of every kind, planned, redacted in chunks and joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.unit.videokit.boxes import double_sound_ticks, trim
from tests.unit.videokit.pictures import frame_of, luma_of, lumas, psnr
from tests.unit.videokit.redacting import LIMITS, planned, redacted
from tests.unit.videokit.videos import H264, H264_OPEN, HEVC_OPEN, write_video

from imagekit.geometry import Box
from safelight_contracts.redaction.styles import Style
from videokit.chunks import Mosaic
from videokit.painting import PixelBox, sample
from videokit.probe import probe

# Ten decibels less than what the encoder reaches. A frame that is one too early has below 20.
CLOSE = 32
TICKS = 90_000
UNEVEN = [number * 3000 + number**2 * 37 % 1700 for number in range(60)]


@dataclass(frozen=True)
class Shown:
    """What a player reads: pts and duration of each frame and packet, in ticks, and the sound's bytes."""

    frames: Sequence[tuple[int | None, int | None]]
    sound: Sequence[tuple[int | None, bytes]]


def shown(path: Path) -> Shown:
    """Read all packets that are not hidden."""
    with av.open(str(path)) as container:
        packets = [it for it in container.demux() if it.size]
        return Shown(
            frames=sorted(
                (it.pts or 0, it.duration) for it in packets if it.stream.type == "video" and not it.is_discard
            ),
            sound=[(it.pts, bytes(it)) for it in packets if it.stream.type == "audio" and not it.is_discard],
        )


UNTAGGED = {"primaries": 2, "transfer": 2, "color_matrix": 2}
KINDS = {
    "one key frame.mp4": {"options": {"x264-params": "keyint=infinite:scenecut=0"}},
    "full range.mp4": {"pixel_format": "yuvj420p"},
    "B-frames.mp4": {"options": H264},
    "B-frames.mov": {"options": H264},
    "B-frames.mkv": {"options": H264},
    "open GOP.mp4": {"options": H264_OPEN},
    "open GOP.mkv": {"options": H264_OPEN},
    "HEVC, CRA.mp4": {"codec": "libx265", "options": HEVC_OPEN},
    "HEVC, CRA.mkv": {"codec": "libx265", "options": HEVC_OPEN},
    "NTSC.mp4": {"rate": Fraction(30_000, 1001)},
    "NTSC.mkv": {"rate": Fraction(30_000, 1001)},
    "variable rate.mp4": {"time_base": Fraction(1, TICKS), "times": UNEVEN},
    "late start.mp4": {"time_base": Fraction(1, TICKS), "times": [it + 4321 for it in UNEVEN]},
    "fragments.mp4": {"container": {"movflags": "frag_keyframe+empty_moov"}},
    "no sound.mp4": {"sound": None},
    "PCM.mov": {"sound": "pcm_s16le"},
    "AC-3.mp4": {"sound": "ac3"},
    "Opus.mkv": {"sound": "libopus"},
    "Opus.mp4": {"sound": "libopus"},
    "odd size.mp4": {"width": 161, "height": 97, "pixel_format": "yuv444p"},
    "cropped macroblocks.mp4": {"width": 162, "height": 98},
    "4-2-2.mov": {"pixel_format": "yuv422p"},
    "untagged.mp4": UNTAGGED,
    "untagged.mkv": UNTAGGED,
    "untagged, HEVC.mp4": {"codec": "libx265", "options": HEVC_OPEN, **UNTAGGED},
    "untagged, full range.mkv": {"pixel_format": "yuvj420p", **UNTAGGED},
}


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a source of each kind, and what becomes of it."""
    folder = tmp_path_factory.mktemp("video")
    source = write_video(folder / request.param, **KINDS[request.param])  # type: ignore[arg-type]
    return source, redacted(source, folder / "made", seconds=0.5)


def test_frames_times_and_sound_are_those_of_the_source(pair: tuple[Path, Path]) -> None:
    source, made = (shown(it) for it in pair)
    assert [pts for pts, _ in made.frames] == [pts for pts, _ in source.frames]
    assert made.sound == source.sound
    assert len(source.frames) == 60


def test_no_frame_is_doubled_missing_or_broken(pair: tuple[Path, Path]) -> None:
    found = lumas(pair[1])
    height, width = found[0].shape
    assert [psnr(it, luma_of(i, width=width, height=height)) > CLOSE for i, it in enumerate(found)] == [True] * 60


@pytest.mark.parametrize("seconds", [0.1, 0.7, 1, 100])
def test_the_size_of_chunks_changes_no_time(tmp_path: Path, seconds: float) -> None:
    source = write_video(tmp_path / "source.mp4", options=H264_OPEN)
    assert shown(redacted(source, tmp_path / "made", seconds=seconds)) == shown(source)


def test_the_last_frame_is_shown_until_the_track_ends(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", time_base=Fraction(1, TICKS), times=UNEVEN)
    with av.open(str(source)) as container:
        end = container.streams.video[0].duration
    made = redacted(source, tmp_path / "made", seconds=0.5)
    pts, duration = shown(made).frames[-1]
    assert pts is not None
    assert duration is not None
    assert pts + duration == end


@pytest.mark.parametrize("options", [H264, H264_OPEN])
@pytest.mark.parametrize("start", [0, 0.5, 0.7, 0.71])
def test_what_an_edit_list_hides_is_not_in_the_file(tmp_path: Path, options: dict[str, str], start: float) -> None:
    source = trim(write_video(tmp_path / "source.mp4", options=options), start=start, seconds=1)
    made = redacted(source, tmp_path / "made", seconds=0.5)
    first = np.ceil(round(start * 30, 6))
    found = lumas(made)
    assert [psnr(it, luma_of(int(first) + i)) > CLOSE for i, it in enumerate(found)] == [True] * 30
    with av.open(str(made), options={"ignore_editlist": "1"}) as container:
        kinds = [it.stream.type for it in container.demux() if it.size]
    assert kinds.count("video") == 30


@pytest.mark.parametrize("start", [0.5, 0.71])
def test_what_the_edit_list_of_a_film_in_fragments_hides_is_not_in_the_file(tmp_path: Path, start: float) -> None:
    # FFmpeg gives all that is before the start a negative time, and hides none of it. A duration of 0 is to the end.
    whole = write_video(tmp_path / "source.mp4", container={"movflags": "frag_keyframe+delay_moov"})
    made = redacted(trim(whole, start=start, seconds=0), tmp_path / "made", seconds=0.5)
    first = int(np.ceil(round(start * 30, 6)))
    found = lumas(made)
    assert [psnr(it, luma_of(first + i)) > CLOSE for i, it in enumerate(found)] == [True] * (60 - first)
    with av.open(str(made), options={"ignore_editlist": "1"}) as container:
        kinds = [it.stream.type for it in container.demux() if it.size]
    assert kinds.count("video") == 60 - first
    # Two seconds and the priming have 95 packets.
    assert kinds.count("audio") == 95 - np.ceil((1024 + start * 48_000) / 1024)


def test_sound_may_count_other_ticks_than_samples(tmp_path: Path) -> None:
    source = double_sound_ticks(write_video(tmp_path / "source.mp4"))
    with av.open(str(source)) as container:
        assert container.streams.audio[0].time_base == Fraction(1, 96_000)
    made = redacted(source, tmp_path / "made")
    assert [it for _, it in shown(made).sound] == [it for _, it in shown(source).sound]


def test_pcm_in_mp4_may_come_back_without_the_name_of_its_layout(tmp_path: Path) -> None:
    film = write_video(tmp_path / "source.mov", sound="pcm_s16be")
    source = film.rename(tmp_path / "source.mp4")
    source.write_bytes(source.read_bytes().replace(b"ftypqt  ", b"ftypXAVC"))
    assert shown(redacted(source, tmp_path / "made")).sound == shown(source).sound


@pytest.mark.parametrize("style", [Style.BLUR, Style.PIXELATE])
def test_a_mosaic_is_the_same_in_all_chunks(tmp_path: Path, style: Style) -> None:
    source = write_video(tmp_path / "source.mp4", sound=None)
    box = Box(left=0.25, top=0.25, right=0.75, bottom=0.75)
    cells = sample(frame_of(0), PixelBox(left=40, top=24, right=120, bottom=72), style=style)
    _, whole = planned(source, seconds=0.5)
    made = redacted(
        source,
        tmp_path / "made",
        seconds=0.5,
        covers={it.pts: [Mosaic(box=box, cells=cells)] for it in whole.frames},
    )
    inside = [it[28:68, 44:116].astype(int) for it in lumas(made)]
    assert max(np.abs(it - inside[0]).mean() for it in inside) < 2


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(30_000, 1001)])
@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_the_frame_rate_is_stated_as_in_the_source(tmp_path: Path, suffix: str, rate: Fraction) -> None:
    source = write_video(tmp_path / f"source{suffix}", rate=rate)
    with av.open(str(redacted(source, tmp_path / "made", seconds=0.5))) as container:
        assert container.streams.video[0].average_rate == rate


# The display matrices of the orientations 1 to 8 of EXIF.
ONE = 1 << 16
MATRICES = {
    number: (a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)
    for number, (a, b, c, d) in enumerate(
        [
            (1, 0, 0, 1),
            (-1, 0, 0, 1),
            (-1, 0, 0, -1),
            (1, 0, 0, -1),
            (0, 1, 1, 0),
            (0, 1, -1, 0),
            (0, -1, -1, 0),
            (0, -1, 1, 0),
        ],
        start=1,
    )
}


def upright(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]], *, matrix: Sequence[int]) -> np.ndarray:
    """Turn a frame as the matrix says: (x, y) is shown at (a x + c y, b x + d y)."""
    a, b, c, d = (matrix[i] // ONE for i in (0, 1, 3, 4))
    height, width = luma.shape
    rows, columns = np.indices(luma.shape)
    across, down = a * columns + c * rows, b * columns + d * rows
    turned = np.empty((width, height) if a == 0 else (height, width), dtype=np.uint8)
    turned[down - down.min(), across - across.min()] = luma
    return turned


@pytest.mark.parametrize("orientation", MATRICES)
def test_boxes_are_upright_whatever_the_rotation(tmp_path: Path, orientation: int) -> None:
    matrix = MATRICES[orientation]
    source = write_video(tmp_path / "source.mp4", frames=2, sound=None, matrix=matrix)
    info, whole = planned(source, seconds=1)
    box = Box(left=0.1, top=0.05, right=0.4, bottom=0.2)
    made = redacted(source, tmp_path / "made", covers={it.pts: [box] for it in whole.frames})
    assert info.orientation == orientation
    before, after = (upright(lumas(it)[0], matrix=matrix).astype(int) for it in (source, made))
    height, width = before.shape
    rows, columns = slice(round(0.07 * height), round(0.18 * height)), slice(round(0.12 * width), round(0.38 * width))
    assert np.ptp(after[rows, columns]) <= 6
    changed = np.abs(before - after) > 40
    changed[: round(0.2 * height) + 3, : round(0.4 * width) + 3] = False
    assert not changed.any()
    assert probe(made, limits=LIMITS).matrix == info.matrix


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_rotation_is_kept_in_matroska(tmp_path: Path, orientation: int) -> None:
    source = write_video(tmp_path / "source.mkv", frames=2, sound=None, matrix=MATRICES[orientation])
    made = probe(redacted(source, tmp_path / "made"), limits=LIMITS)
    assert made.orientation == probe(source, limits=LIMITS).orientation == orientation


def test_colour_tags_and_the_shape_of_pixels_are_kept(tmp_path: Path) -> None:
    source = write_video(tmp_path / "source.mp4", frames=3, transfer=6, aspect=Fraction(4, 3))
    with av.open(str(redacted(source, tmp_path / "made"))) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert (context.color_range, context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 6, 1)
