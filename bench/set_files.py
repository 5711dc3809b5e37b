"""The set of four renditions of a JPEG, to files, at equal bytes: `python -m bench.set_files`."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pyvips
from PIL import Image

from bench import vips
from bench.photographs import photograph_24_mp
from bench.resizing import QUALITY, files_by_engine, files_by_naive_pillow
from bench.results import Cell, Goal, Result, Table, at_least, at_most
from bench.rounds import Medians, take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import reference, similarity
from imagekit.rendering import encode as encoding

WIDTHS = (2048, 1280, 640, 320)
MOST = 1.05

NAIVE = "Pillow, naive, once per rendition"
ENGINE = "Safelight (progressive, the default)"
BASELINE = "Safelight, baseline"
SHARP = "sharp, one call per rendition"
_PROGRESSIVE = {"interlace": True, "optimize_coding": True}
# The range contains a quality whose files have the bytes of Safelight's at quality 80.
_QUALITIES = range(60, 96)


def measure(*, rounds: int) -> Result:
    """Compare ways to make a set of four files of a photograph."""
    data = photograph_24_mp()
    makers: dict[str, Callable[[], list[bytes]]] = {
        NAIVE: partial(files_by_naive_pillow, data, widths=WIDTHS),
        ENGINE: partial(files_by_engine, data, widths=WIDTHS),
        BASELINE: partial(_baseline_files, data),
    }
    default, baseline = (sum(map(len, makers[way]())) for way in (ENGINE, BASELINE))
    pictures = vips.cascade(data, widths=WIDTHS)
    peer, peer_of_baseline, progressive = (
        _quality_of(pictures, size=size, options=options)
        for size, options in ((default, {}), (baseline, {}), (default, _PROGRESSIVE))
    )
    # One name is enough if both have the same quality.
    named = {quality: f"pyvips, cascade, q{quality}" for quality in (peer, peer_of_baseline)}
    for quality, name in named.items():
        makers[name] = partial(vips.cascade_files, data, widths=WIDTHS, quality=quality)
    alike_peer = f"pyvips, cascade, progressive, q{progressive}"
    makers[alike_peer] = partial(vips.cascade_files, data, widths=WIDTHS, quality=progressive, options=_PROGRESSIVE)
    medians, files = _measured(makers, data=data, rounds=rounds)
    alike = {way: fmean(_likeness(one, whole=data) for one in made) for way, made in files.items()}
    difference = alike[ENGINE] - alike[named[peer]]
    return Result(
        tables=[_table(medians, files=files, alike=alike)],
        goals=[
            at_most(
                MOST,
                medians.ratio(ENGINE, to=named[peer]),
                goal=f"24 MP JPEG, set of four to files, equal bytes: at most {MOST} times the time of pyvips' cascade",
            ),
            at_most(
                MOST,
                medians.ratio(BASELINE, to=named[peer_of_baseline]),
                goal=f"the same, both with baseline files: at most {MOST} times",
            ),
            at_most(
                MOST,
                medians.ratio(ENGINE, to=alike_peer),
                goal=f"the same, both with progressive files: at most {MOST} times",
            ),
            Goal(
                goal="24 MP JPEG, set of four to files: SSIM at equal bytes not lower than that of pyvips' cascade",
                measured=f"{difference:+.4f}",
                holds=difference >= 0,
            ),
            at_least(
                4,
                medians.ratio(NAIVE, to=ENGINE),
                goal="set of four to files: at least 4 times as fast as naive Pillow",
            ),
            at_most(
                1,
                medians.ratio(ENGINE, to=SHARP),
                goal="set of four to files: faster than sharp, one call per rendition",
            ),
        ],
    )


def _baseline_files(data: bytes) -> list[bytes]:
    # The engine writes larger pictures in one pass, because the encoder would need too much memory.
    with patch.object(encoding, "_MAX_SAMPLES_IN_PASSES", 0):
        return files_by_engine(data, widths=WIDTHS)


def _quality_of(pictures: Sequence[pyvips.Image], *, size: int, options: Mapping[str, object]) -> int:
    """Return libvips' quality for files whose bytes are nearest to a size."""

    def distance(quality: int) -> int:
        return abs(sum(map(len, vips.as_jpegs(pictures, quality=quality, options=options))) - size)

    return min(_QUALITIES, key=distance)


def _measured(
    makers: Mapping[str, Callable[[], list[bytes]]], *, data: bytes, rounds: int
) -> tuple[Medians, dict[str, list[bytes]]]:
    with TemporaryDirectory() as name, Sharp() as sharp:
        folder = Path(name)
        file = folder / "photograph.jpg"
        file.write_bytes(data)
        job = {"widths": WIDTHS}
        ways = {way: timed(make) for way, make in makers.items()} | {SHARP: sharp.way("files", file=file, job=job)}
        medians = take_turns(ways, rounds=rounds)
        files = {way: make() for way, make in makers.items()}
        files[SHARP] = sharp.made("files", file=file, folder=folder, count=len(WIDTHS), job=job)
    return medians, files


def _table(medians: Medians, *, files: Mapping[str, list[bytes]], alike: Mapping[str, float]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (way, medians.ms(way), medians.ratio(way, to=ENGINE), sum(map(len, made)) / 1000, alike[way])
        for way, made in files.items()
    ]
    return Table(
        title=f"Set of {', '.join(map(str, WIDTHS[:-1]))} and {WIDTHS[-1]} px of a 24 MP JPEG, to files",
        note=f"JPEGs from file to files in memory. Safelight, Pillow and sharp write quality {QUALITY}. pyvips writes "
        "the qualities whose files have the bytes nearest to those of Safelight's files, default and baseline. "
        "Progressive files have optimised Huffman tables. SSIM is the mean of the four.",
        columns={"way": "", "ms": ".0f", "time / Safelight": ".2f", "KB of all four": ".0f", "SSIM": ".4f"},
        rows=rows,
    )


def _likeness(file: bytes, *, whole: bytes) -> float:
    picture = Image.open(BytesIO(file))
    return similarity(picture, to=reference(whole, size=picture.size))


if __name__ == "__main__":
    show(measure)
