"""File sizes of each codec at equal similarity, by the metric of Bjontegaard: `python -m bench.codecs`.

It draws the curves into docs/images too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import fmean
from typing import Any

import bjontegaard
import matplotlib as mpl
import numpy as np
from PIL import Image
from scipy.interpolate import PchipInterpolator

from bench.photographs import five_photographs
from bench.results import Cell, Goal, Result, Table
from bench.rounds import take_turns, timed
from bench.show import show
from bench.similarity import Luma, luma, similarity

mpl.use("svg")
from matplotlib import pyplot as plt

Numbers = np.ndarray[Any, np.dtype[np.float64]]
CURVES = Path(__file__).parents[1] / "docs" / "images" / "codecs.svg"
WIDTHS = (640, 1280)
TARGETS = (0.92, 0.95, 0.97)
JPEG = "JPEG, plain"


@dataclass(frozen=True, kw_only=True)
class Codec:
    """A format and its settings."""

    image_type: str
    options: Mapping[str, object]
    qualities: tuple[int, ...]
    color: str


_PROGRESSIVE = {"progressive": True, "optimize": True}
_JPEG_QUALITIES = (12, 25, 45, 68, 85, 94)
_WEBP_QUALITIES = (5, 25, 50, 72, 86, 95)
_AVIF_QUALITIES = (16, 30, 45, 60, 75, 88)
# A JPEG with default settings, the engine's defaults, and neighbouring settings.
CODECS = {
    JPEG: Codec(image_type="JPEG", options={}, qualities=_JPEG_QUALITIES, color="#555555"),
    "JPEG progressive": Codec(image_type="JPEG", options=_PROGRESSIVE, qualities=_JPEG_QUALITIES, color="#a0a0a0"),
    "WebP method 2": Codec(image_type="WEBP", options={"method": 2}, qualities=_WEBP_QUALITIES, color="#8ab6e0"),
    "WebP method 4": Codec(image_type="WEBP", options={"method": 4}, qualities=_WEBP_QUALITIES, color="#1f6db3"),
    "AVIF speed 9": Codec(image_type="AVIF", options={"speed": 9}, qualities=_AVIF_QUALITIES, color="#f2a65a"),
    "AVIF speed 8": Codec(image_type="AVIF", options={"speed": 8}, qualities=_AVIF_QUALITIES, color="#d9541e"),
    "AVIF speed 6": Codec(image_type="AVIF", options={"speed": 6}, qualities=_AVIF_QUALITIES, color="#8c2d04"),
}
# How much smaller than plain JPEG the files of the defaults should be at equal SSIM, in percent.
SMALLER = {"WebP method 2": 20, "AVIF speed 9": 30}
DEFAULT_QUALITY = {"JPEG": 80, "WEBP": 80, "AVIF": 60}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The results of a codec for one picture: bits per pixel and SSIM at each quality, both ascending."""

    bits: tuple[float, ...]
    alike: tuple[float, ...]

    def bits_at(self, alike: Numbers) -> Numbers:
        """Return the bits per pixel at similarities, or NaN beyond the curve."""
        bits: Numbers = np.exp(PchipInterpolator(self.alike, np.log(self.bits), extrapolate=False)(alike))
        return bits


def measure(*, rounds: int) -> Result:
    """Compare the codecs on five photographs in two widths, and draw their curves."""
    pictures = {width: [_scaled(one, width=width) for one in five_photographs().values()] for width in WIDTHS}
    curves = {
        (name, width): [_curve(codec, picture) for picture in pictures[width]]
        for name, codec in CODECS.items()
        for width in WIDTHS
    }
    rates = {key: _bd_rate(those, anchors=curves[JPEG, key[1]]) for key, those in curves.items()}
    times = _times(pictures[WIDTHS[-1]][0], rounds=min(rounds, 5))
    draw(curves)
    return Result(
        tables=[_rates_table(rates, times=times), _targets_table(curves)],
        goals=[
            Goal(
                goal=f"{name} (default): at least {smaller} % smaller than plain JPEG at equal SSIM",
                measured=", ".join(f"{rates[name, width]:.0f} % at {width} px" for width in WIDTHS),
                holds=all(rates[name, width] <= -smaller for width in WIDTHS),
            )
            for name, smaller in SMALLER.items()
        ],
    )


def _scaled(image: Image.Image, *, width: int) -> Image.Image:
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def _curve(codec: Codec, picture: Image.Image) -> Curve:
    truth = luma(picture)
    points = [_point(codec, picture, quality=quality, truth=truth) for quality in codec.qualities]
    return Curve(bits=tuple(bits for bits, _ in points), alike=tuple(alike for _, alike in points))


def _point(codec: Codec, picture: Image.Image, *, quality: int, truth: Luma) -> tuple[float, float]:
    file = _encoded(codec, picture, quality=quality)
    return 8 * len(file) / (picture.width * picture.height), similarity(Image.open(BytesIO(file)), to=truth)


def _encoded(codec: Codec, picture: Image.Image, *, quality: int) -> bytes:
    file = BytesIO()
    picture.save(file, codec.image_type, quality=quality, **codec.options)
    return file.getvalue()


def _bd_rate(curves: list[Curve], *, anchors: list[Curve]) -> float:
    return fmean(
        float(
            bjontegaard.bd_rate(
                *(anchor.bits, anchor.alike, curve.bits, curve.alike),
                method="pchip",
                require_matching_points=False,
                min_overlap=0,
            )
        )
        for curve, anchor in zip(curves, anchors, strict=True)
    )


def _times(picture: Image.Image, *, rounds: int) -> dict[str, float]:
    ways = {
        name: timed(lambda codec=codec: _encoded(codec, picture, quality=DEFAULT_QUALITY[codec.image_type]))  # type: ignore[misc]
        for name, codec in CODECS.items()
    }
    medians = take_turns(ways, rounds=rounds)
    return {name: medians.ms(name) for name in ways}


def _rates_table(rates: dict[tuple[str, int], float], *, times: dict[str, float]) -> Table:
    return Table(
        title="Codecs: file size at equal SSIM, against plain JPEG",
        note="BD-rate over SSIM, the mean of five photographs: how much smaller files are at equal SSIM. Milliseconds "
        "are for one picture of 1280 px at the engine's default quality.",
        columns={"codec": "", **{f"{width} px": "+.0f" for width in WIDTHS}, "ms, at 1280 px": ".0f"},
        rows=[(name, *(f"{rates[name, width]:+.0f} %" for width in WIDTHS), times[name]) for name in CODECS],
    )


def _targets_table(curves: dict[tuple[str, int], list[Curve]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name in CODECS:
        cells = [_relative(curves[name, width], curves[JPEG, width], alike=at) for width in WIDTHS for at in TARGETS]
        rows.append((name, *cells))
    return Table(
        title="Codecs: bytes at an SSIM, relative to plain JPEG",
        note="The mean over the photographs for which both curves reach that SSIM.",
        columns={"codec": ""} | {f"{width} px, {target}": ".2f" for width in WIDTHS for target in TARGETS},
        rows=rows,
    )


def _relative(curves: list[Curve], anchors: list[Curve], *, alike: float) -> float | None:
    at = np.array(alike)
    ratios = [(curve.bits_at(at) / anchor.bits_at(at)).item() for curve, anchor in zip(curves, anchors, strict=True)]
    there = [ratio for ratio in ratios if not np.isnan(ratio)]
    return fmean(there) if there else None


def draw(curves: dict[tuple[str, int], list[Curve]]) -> None:
    """Draw the curves: for each SSIM, the mean bits per pixel of a codec over the photographs."""
    plt.rcParams.update({"svg.hashsalt": "codecs", "svg.fonttype": "none", "font.size": 9})
    figure, axes = plt.subplots(1, len(WIDTHS), figsize=(9, 4), sharey=True, layout="constrained")
    grid = np.linspace(0.88, 0.99, 60)
    for axis, width in zip(axes, WIDTHS, strict=True):
        for name, codec in CODECS.items():
            mean = np.exp(np.mean([np.log(curve.bits_at(grid)) for curve in curves[name, width]], axis=0))
            axis.plot(mean, grid, color=codec.color, label=name, linewidth=1.6)
        axis.set(title=f"{width} px", xlabel="bits a pixel (logarithmic)", xscale="log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(_tick)
        axis.grid(visible=True, which="both", color="#dddddd", linewidth=0.5)
    axes[0].set_ylabel("SSIM of the luma")
    axes[-1].legend(loc="lower right", frameon=False)
    CURVES.parent.mkdir(exist_ok=True)
    # A white background, because the page can be dark.
    figure.savefig(CURVES, facecolor="white", metadata={"Date": None})
    plt.close(figure)


def _tick(bits: float, _: int | None) -> str:
    # Label only these lines between the powers of ten, so that the labels do not overlap.
    return f"{bits:g}" if f"{bits:.0e}"[0] in "2357" else ""


if __name__ == "__main__":
    show(measure)
