"""Sound that an edit list hides is not in the redacted file, and all other sound keeps its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from tests.unit.videokit.boxes import show_pieces, trim
from tests.unit.videokit.redacting import redacted
from tests.unit.videokit.videos import SOUND_RATE, write_video

SECONDS = 1


@dataclass(frozen=True, kw_only=True)
class Codec:
    """An encoder of sound. `priming`: samples before the first. `overlap`: packets that a packet reaches further."""

    encoder: str
    suffix: str = ".mp4"
    priming: int = 0
    overlap: int = 0


CODECS = {
    it.encoder: it
    for it in (
        Codec(encoder="aac", priming=1024, overlap=1),
        Codec(encoder="libopus", priming=312, overlap=1),
        Codec(encoder="libmp3lame", priming=1105, overlap=1),
        Codec(encoder="ac3", priming=256, overlap=1),
        Codec(encoder="alac", suffix=".mov"),
        Codec(encoder="flac"),
        Codec(encoder="pcm_s16le", suffix=".mov"),
    )
}


@dataclass(frozen=True)
class Heard:
    """A packet: when it starts, in samples, how many it has, and its bytes."""

    pts: int
    samples: int
    data: bytes


def packets(path: Path, *, options: Mapping[str, str]) -> Sequence[Heard]:
    with av.open(str(path), options=dict(options)) as container:
        ticks = container.streams.audio[0].time_base
        assert ticks is not None
        return [
            Heard(round((it.pts or 0) * ticks * SOUND_RATE), round((it.duration or 0) * ticks * SOUND_RATE), bytes(it))
            for it in container.demux(audio=0)
            if it.size
        ]


def stored(path: Path) -> Sequence[Heard]:
    """Read all sound, with times that ignore the edit list."""
    return packets(path, options={"ignore_editlist": "1"})


def played(path: Path) -> Sequence[Heard]:
    return packets(path, options={})


@pytest.fixture(scope="module", params=list(CODECS.values()), ids=list(CODECS))
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Codec, Path]:
    codec: Codec = request.param
    path = tmp_path_factory.mktemp("film") / f"film{codec.suffix}"
    return codec, write_video(path, sound=codec.encoder)


def copy_of(film: Path, folder: Path) -> Path:
    source = folder / f"source{film.suffix}"
    source.write_bytes(film.read_bytes())
    return source


def test_all_sound_of_an_untrimmed_film_is_kept_with_its_priming(film: tuple[Codec, Path], tmp_path: Path) -> None:
    made = redacted(film[1], tmp_path / "made")
    assert [it.data for it in stored(made)] == [it.data for it in stored(film[1])]
    assert [it.pts for it in played(made)] == [it.pts for it in played(film[1])]


@pytest.mark.parametrize("start", [0.01, 0.03, 0.0853, 0.71])
def test_a_packet_with_any_hidden_sound_is_dropped_and_the_others_keep_their_time(
    film: tuple[Codec, Path], tmp_path: Path, start: float
) -> None:
    codec, whole = film
    source = trim(copy_of(whole, tmp_path), start=start, seconds=SECONDS)
    first = codec.priming + round(start * SOUND_RATE)
    end = first + SECONDS * SOUND_RATE
    expected = [it for it in stored(whole) if it.pts >= first and it.pts + it.samples * (1 + codec.overlap) <= end]
    made = redacted(source, tmp_path / "made")
    assert [it.data for it in stored(made)] == [it.data for it in expected]
    assert [it.pts for it in played(made)] == [it.pts - first for it in expected]


@pytest.mark.parametrize("seconds", [SECONDS, 0.5])
def test_the_end_that_is_hidden_is_dropped_and_the_priming_kept(
    film: tuple[Codec, Path], tmp_path: Path, seconds: float
) -> None:
    codec, whole = film
    source = trim(copy_of(whole, tmp_path), start=0, seconds=seconds)
    end = codec.priming + round(seconds * SOUND_RATE)
    expected = [it for it in stored(whole) if it.pts + it.samples * (1 + codec.overlap) <= end]
    made = redacted(source, tmp_path / "made")
    assert [it.data for it in stored(made)] == [it.data for it in expected]


def test_cuts_between_packets_lose_no_sample(tmp_path: Path) -> None:
    packet = 4096 / SOUND_RATE
    source = trim(write_video(tmp_path / "source.mov", sound="alac", frames=90), start=6 * packet, seconds=18 * packet)
    made = redacted(source, tmp_path / "made")
    assert sum(it.samples for it in stored(made)) == 18 * 4096
    assert played(made)[0].pts == 0


def test_a_film_may_begin_with_a_pause_and_then_in_the_middle(tmp_path: Path) -> None:
    pause, start = 0.5, 0.71
    whole = write_video(tmp_path / "whole.mp4")
    source = show_pieces(copy_of(whole, tmp_path), [(-1, pause), (start, SECONDS)])
    first = 1024 + round(start * SOUND_RATE)
    expected = [it for it in stored(whole) if first <= it.pts <= first + SECONDS * SOUND_RATE - 2 * 1024]
    made = redacted(source, tmp_path / "made")
    assert [it.data for it in stored(made)] == [it.data for it in expected]
    assert played(made)[0].pts == expected[0].pts - first + pause * SOUND_RATE


def test_as_much_hidden_sound_as_no_encoder_puts_before_the_first_is_no_priming(tmp_path: Path) -> None:
    source = trim(write_video(tmp_path / "source.mp4"), start=1 / SOUND_RATE, seconds=SECONDS)
    made = redacted(source, tmp_path / "made")
    assert played(made)[0].pts == 1023
