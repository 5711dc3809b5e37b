"""The set of four renditions, to pixels, from several types of files: `python -m bench.sets`."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench import vips
from bench.function_images import heic
from bench.photographs import photograph_12_mp, photograph_24_mp, written_again
from bench.resizing import by_engine, by_pillow_cascade
from bench.results import Goal, Result, Table, at_least
from bench.rounds import Medians, take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import reference, similarity
from imagekit.formats.registry import FORMATS
from safelight_contracts.image_types import ImageType

WIDTHS = (2048, 1280, 640, 320)

ENGINE = "Safelight"
PILLOW = "Pillow, cascade"
VIPS = "pyvips, cascade"
SHARP = "sharp, cascade"

JPEG_24_MP, HEIC_12_MP = "24 MP JPEG", "12 MP HEIC"
FILES: Mapping[str, Callable[[], bytes]] = {
    JPEG_24_MP: photograph_24_mp,
    "24 MP PNG": lambda: written_again(photograph_24_mp(), "PNG"),
    "12 MP WebP": lambda: written_again(photograph_12_mp(), "WEBP", quality=90),
    "12 MP AVIF": lambda: written_again(photograph_12_mp(), "AVIF", quality=75, speed=9),
    HEIC_12_MP: heic,
}
# The time of a JPEG has a goal in bench/set_files.py, to files.
WITH_GOAL = [name for name in FILES if name != JPEG_24_MP]
MOST = 1.05
MAX_ROUNDS = 7
WITHOUT_HEIC = "The rows of HEIC are omitted: its encoder could not be installed."


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """The results for one file. `alike`: the lowest SSIM of the four, by the name of the method."""

    medians: Medians
    alike: Mapping[str, float]

    @property
    def fastest_peer(self) -> str:
        return min((way for way in self.alike if way != ENGINE), key=self.medians.ms)


def measure(*, rounds: int) -> Result:
    """Compare ways to make the pixels of a set of four."""
    # Pillow, as a peer, opens HEIC with the same plugin.
    FORMATS[ImageType.HEIC].prepare()
    files = _files()
    measured = {name: _measure_one(data, name=name, rounds=min(rounds, MAX_ROUNDS)) for name, data in files.items()}
    note = (
        "From the file in memory to pixels in memory. A cascade makes each picture from the previous one. SSIM is the "
    )
    note += (
        "minimum of the four. Only Pillow, with pi-heif, reads HEIC: the packages of libvips and sharp have no HEVC."
    )
    return Result(
        tables=[
            Table(
                title=f"Set of {', '.join(map(str, WIDTHS[:-1]))} and {WIDTHS[-1]} px, to pixels",
                note=note if HEIC_12_MP in files else f"{note} {WITHOUT_HEIC}",
                columns={"file": "", "way": "", "ms": ".0f", "time / fastest peer": ".2f", "SSIM": ".4f"},
                rows=[
                    (name, way, of_one.medians.ms(way), of_one.medians.ratio(way, to=of_one.fastest_peer), alike)
                    for name, of_one in measured.items()
                    for way, alike in of_one.alike.items()
                ],
            )
        ],
        goals=[
            *(_goal(measured[name], name=name) for name in WITH_GOAL if name in measured),
            at_least(
                0.99,
                measured[JPEG_24_MP].alike[ENGINE],
                goal=f"{JPEG_24_MP}, set of four: SSIM of each at least .99 before encoding",
                digits=4,
            ),
        ],
    )


def _files() -> dict[str, bytes]:
    files = {}
    for name, make in FILES.items():
        try:
            files[name] = make()
        except subprocess.CalledProcessError:
            if name != HEIC_12_MP:
                raise
    return files


def _measure_one(data: bytes, *, name: str, rounds: int) -> _Measured:
    with TemporaryDirectory() as folder, Sharp() as sharp:
        file = Path(folder) / "photograph"
        file.write_bytes(data)
        makers: dict[str, Callable[[], Sequence[Image.Image]]] = {
            ENGINE: partial(by_engine, data, widths=WIDTHS),
            PILLOW: partial(by_pillow_cascade, data, widths=WIDTHS),
        }
        ways = {way: timed(make) for way, make in makers.items()}
        if name != HEIC_12_MP:
            ways[VIPS] = timed(partial(vips.cascade, data, widths=WIDTHS))
            ways[SHARP] = sharp.way("cascade", file=file, job={"widths": WIDTHS})
            makers[VIPS] = lambda: [vips.as_pillow(one) for one in vips.cascade(data, widths=WIDTHS)]
            makers[SHARP] = partial(sharp.pictures, "cascade", file=file, folder=Path(folder), widths=WIDTHS)
        medians = take_turns(ways, rounds=rounds)
        alike = {
            way: min(similarity(picture, to=reference(data, size=picture.size)) for picture in make())
            for way, make in makers.items()
        }
    return _Measured(medians=medians, alike=alike)


def _goal(measured: _Measured, *, name: str) -> Goal:
    peer = measured.fastest_peer
    ratio = measured.medians.ratio(ENGINE, to=peer)
    return Goal(
        goal=f"{name}, set of four to pixels: at most {MOST} times the time of the fastest peer",
        measured=f"{ratio:.2f} ({peer})",
        holds=ratio <= MOST,
    )


if __name__ == "__main__":
    show(measure)
