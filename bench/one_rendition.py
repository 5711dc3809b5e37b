"""One rendition of each width, to pixels, against the peers: `python -m bench.one_rendition`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from bench import vips
from bench.one_picture import clipping_table
from bench.photographs import photograph_12_mp, photograph_24_mp, written_again
from bench.resizing import by_engine, by_naive_pillow
from bench.results import Goal, Result, Table
from bench.rounds import Medians, take_turns, timed
from bench.sharp import Sharp
from bench.show import show
from bench.similarity import reference, similarity

WIDTHS = (320, 640, 1280, 2048)
MAX_ROUNDS = 7

PILLOW = "Pillow, full decode"
ENGINE = "Safelight"
VIPS = "pyvips, thumbnail"
VIPS_AT_FULL_SIZE = "pyvips, without scaling on load"
SHARP = "sharp"
PEERS = (VIPS, SHARP)

JPEG_24_MP, JPEG_12_MP, PNG_12_MP, WEBP_12_MP = "24 MP JPEG", "12 MP JPEG", "12 MP PNG", "12 MP WebP"
FILES: Mapping[str, Callable[[], bytes]] = {
    JPEG_24_MP: photograph_24_mp,
    JPEG_12_MP: photograph_12_mp,
    PNG_12_MP: lambda: written_again(photograph_12_mp(), "PNG"),
    WEBP_12_MP: lambda: written_again(photograph_12_mp(), "WEBP", quality=90),
}
# The peers whose time Safelight should not exceed. libvips and sharp decode PNG and WebP alike.
GOALS = {JPEG_24_MP: (VIPS, SHARP), JPEG_12_MP: (VIPS, SHARP), PNG_12_MP: (SHARP,), WEBP_12_MP: (SHARP,)}


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """The results for one file. `alike`: the SSIM of each width's picture, by the name of the method."""

    medians: Mapping[int, Medians]
    alike: Mapping[str, list[float]]

    def ratios(self, *, to: str) -> list[float]:
        """Return Safelight's time divided by that of another method, for each width."""
        return [self.medians[width].ratio(ENGINE, to=to) for width in WIDTHS]


def measure(*, rounds: int) -> Result:
    """Compare ways to make the pixels of one rendition. Nothing is encoded."""
    measured = {name: _measure_one(make(), rounds=min(rounds, MAX_ROUNDS)) for name, make in FILES.items()}
    goals = [_ratio_goal(measured[name], name=name, peer=peer) for name, peers in GOALS.items() for peer in peers] + [
        _similarity_goal(measured[name], name=name) for name in (JPEG_24_MP, JPEG_12_MP)
    ]
    return Result(tables=[_times_table(measured), _ratios_table(measured), clipping_table()], goals=goals)


def _measure_one(data: bytes, *, rounds: int) -> _Measured:
    medians = {}
    alike: dict[str, list[float]] = {}
    with TemporaryDirectory() as name, Sharp() as sharp:
        folder = Path(name)
        file = folder / "photograph"
        file.write_bytes(data)
        for width in WIDTHS:
            makers = {
                PILLOW: partial(by_naive_pillow, data, widths=[width]),
                ENGINE: partial(by_engine, data, widths=[width]),
                VIPS: partial(vips.cascade, data, widths=[width]),
                VIPS_AT_FULL_SIZE: partial(vips.without_scaling_on_load, data, width=width),
            }
            ways = {way: timed(make) for way, make in makers.items()}
            ways[SHARP] = sharp.way("pictures", file=file, job={"widths": [width]})
            medians[width] = take_turns(ways, rounds=rounds)
            pictures: dict[str, Image.Image] = {
                PILLOW: by_naive_pillow(data, widths=[width])[0],
                ENGINE: by_engine(data, widths=[width])[0],
                VIPS: vips.as_pillow(vips.cascade(data, widths=[width])[0]),
                VIPS_AT_FULL_SIZE: vips.as_pillow(vips.without_scaling_on_load(data, width=width)),
                SHARP: sharp.pictures("pictures", file=file, folder=folder, widths=[width])[0],
            }
            for way, picture in pictures.items():
                alike.setdefault(way, []).append(similarity(picture, to=reference(data, size=picture.size)))
    return _Measured(medians=medians, alike=alike)


def _times_table(measured: Mapping[str, _Measured]) -> Table:
    return Table(
        title="One rendition of 320, 640, 1280 or 2048 px",
        note="From the file in memory to pixels in memory. SSIM is that of the same picture.",
        columns={"file": "", "way": ""}
        | {f"ms, {width}": ".0f" for width in WIDTHS}
        | {f"SSIM {width}": ".4f" for width in WIDTHS},
        rows=[
            (name, way, *(of_one.medians[width].ms(way) for width in WIDTHS), *of_one.alike[way])
            for name, of_one in measured.items()
            for way in of_one.alike
        ],
    )


def _ratios_table(measured: Mapping[str, _Measured]) -> Table:
    return Table(
        title="One rendition: Safelight's time divided by another's",
        note="pyvips' thumbnail and sharp scale on load: libjpeg decodes at 1/2, 1/4 or 1/8, and libwebp at any size. "
        "The rows without scaling on load show what Safelight pays for the full decode that it needs (see the next "
        "table), apart from everything else. Nothing scales a PNG on load.",
        columns={"file": "", "divided by": ""} | {f"{width} px": ".2f" for width in WIDTHS},
        rows=[
            (name, way, *of_one.ratios(to=way))
            for name, of_one in measured.items()
            for way in of_one.alike
            if way != ENGINE
        ],
    )


def _ratio_goal(measured: _Measured, *, name: str, peer: str) -> Goal:
    ratios = measured.ratios(to=peer)
    return Goal(
        goal=f"{name}, one rendition of {', '.join(map(str, WIDTHS))} px: at most the time of {peer}",
        measured=", ".join(f"{ratio:.2f}" for ratio in ratios),
        holds=max(ratios) <= 1,
    )


def _similarity_goal(measured: _Measured, *, name: str) -> Goal:
    differences = [
        ours - max(theirs)
        for ours, *theirs in zip(measured.alike[ENGINE], *(measured.alike[peer] for peer in PEERS), strict=True)
    ]
    return Goal(
        goal=f"{name}, one rendition: SSIM at each of these sizes not lower than pyvips' and sharp's",
        measured=", ".join(f"{difference:+.4f}" for difference in differences),
        holds=min(differences) >= 0,
    )


if __name__ == "__main__":
    show(measure)
