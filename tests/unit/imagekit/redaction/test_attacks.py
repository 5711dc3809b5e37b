"""What an attacker restores of a covered face, in samples a side.

A sample is measured as follows. The Fourier transforms of the original and of what the attacker restored are compared,
ring by ring. A ring of f periods a side is restored if the error is less than half of the original's energy there. If
all rings up to f are restored, the attacker has the 2f + 1 values a side that a picture with these periods consists of.

The attacker knows everything but the noise: the style, the box, and that pictures have less energy in finer detail. The
filter is Wiener's, with several guesses of how the picture was blurred, and the best one counts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product, takewhile
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from imagekit.redaction.styles import enlarge_cells, sample_cells
from safelight_contracts.redaction.styles import Style

Floats = NDArray[np.floating[Any]]
Complex = NDArray[np.complexfloating[Any, Any]]
Cover = Callable[[Image.Image], Image.Image]

SMOOTHED = [Style.BLUR, Style.PIXELATE]
# Periods a side that are looked at: up to 65 samples.
_MOST_PERIODS = 32
_RESTORED = 0.5
_PICTURES = 6
_FRAMES = 100
# Of what is restored, in levels of 255: rounding, and more where the attacker expects noise.
_NOISES = (0.3, 5.0)


@cache
def natural(side: int, seed: int) -> Floats:
    """Make a picture whose energy falls with detail as in photographs: 0 to 255."""
    rng = np.random.default_rng(seed)
    across = np.fft.fftfreq(side) * side
    radius = np.hypot(across[:, None], across[None, :])
    radius[0, 0] = 1
    field = np.fft.ifft2(np.fft.fft2(rng.normal(size=(side, side))) / radius).real
    pixels: Floats = np.clip(128 + 45 * field / field.std(), 0, 255)
    return pixels


def picture_of(pixels: Floats) -> Image.Image:
    return Image.fromarray(np.clip(pixels.round(), 0, 255).astype(np.uint8))


def cover_with(style: Style) -> Cover:
    def cover(picture: Image.Image) -> Image.Image:
        return enlarge_cells(
            sample_cells(picture, style=style), style=style, width=picture.width, height=picture.height
        )

    return cover


def peers_gaussian(picture: Image.Image) -> Image.Image:
    """Blur as other software does, with a Gaussian of 0.05 of the box."""
    periods = np.fft.fftfreq(picture.width) * picture.width
    blurred = np.fft.ifft2(np.fft.fft2(np.asarray(picture, float)) * gaussian(periods, 0.05)).real
    return picture_of(blurred)


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """The part of a Fourier transform with up to `_MOST_PERIODS` periods a side.

    `periods`: of each row and column, negative ones included.
    """

    values: Complex
    periods: Floats

    @property
    def radius(self) -> Floats:
        return np.hypot(self.periods[:, None], self.periods[None, :])


def spectrum(pixels: Floats) -> Spectrum:
    periods = np.fft.fftfreq(pixels.shape[0]) * pixels.shape[0]
    looked_at = np.flatnonzero(np.abs(periods) <= _MOST_PERIODS)
    # Of the mean pixel, so that a picture of any size has the same numbers.
    whole = np.fft.fft2(pixels) / pixels.size
    return Spectrum(values=whole[np.ix_(looked_at, looked_at)], periods=periods[looked_at])


def gaussian(periods: Floats, sigma: float) -> Floats:
    """Return the transfer function of a Gaussian. `sigma`: a part of the box."""
    one = np.exp(-2 * (np.pi * sigma * periods) ** 2)
    return np.outer(one, one)


def mean(periods: Floats, width: float) -> Floats:
    """Return the transfer function of a mean. `width`: a part of the box."""
    one = np.sinc(periods * width)
    return np.outer(one, one)


def guesses(periods: Floats) -> Iterator[Floats]:
    """List how the attacker supposes that the box was blurred: other software's Gaussians, and means of cells that were
    enlarged in several ways."""
    yield np.ones((len(periods), len(periods)))
    for sigma in (0.02, 0.05, 0.1, 0.2):
        yield gaussian(periods, sigma)
    for cells in (4, 5):
        for times in (1, 2, 3):
            yield mean(periods, 1 / cells) ** times


def wiener(covered: Spectrum, transfer: Floats, *, noise: float, side: int) -> Complex:
    """Restore a spectrum. `noise`: what the attacker expects, in levels of 255."""
    # The energy of `natural`: a standard deviation of 45, spread over 1 / f squared.
    energy = 45.0**2 / (2 * np.pi * np.log(side / 2)) / np.maximum(1, covered.radius) ** 2
    restored: Complex = covered.values * transfer / (transfer**2 + noise**2 / side**2 / energy)
    return restored


def samples_restored(originals: Sequence[Floats], covered: Sequence[Floats]) -> int:
    """Return the samples a side that the best guess restores of covered pictures."""
    side = originals[0].shape[0]
    pairs = [(spectrum(one), spectrum(other)) for one, other in zip(originals, covered, strict=True)]
    ring = pairs[0][0].radius.round().astype(int).ravel()
    most = min(_MOST_PERIODS, side // 2)

    def energy(values: Iterable[Complex]) -> Floats:
        total = sum(np.abs(one).ravel() ** 2 for one in values)
        rings: Floats = np.bincount(ring, weights=total).astype(float)
        return rings[1 : most + 1]

    there = energy(original.values for original, _ in pairs)
    best = 1
    for transfer, noise in product(guesses(pairs[0][0].periods), _NOISES):
        errors = energy(one.values - wiener(other, transfer, noise=noise, side=side) for one, other in pairs)
        restored = list(takewhile(lambda part: part < _RESTORED, errors / there))
        best = max(best, 2 * len(restored) + 1)
    return best


def samples_after(cover: Cover, *, side: int) -> int:
    """Return the samples a side that one covered picture gives away."""
    originals = [natural(side, seed) for seed in range(_PICTURES if side <= 400 else 2)]
    return samples_restored(originals, [np.asarray(cover(picture_of(one)), float) for one in originals])


@pytest.mark.parametrize("side", [20, 32, 64, 150, 400, 2000])
@pytest.mark.parametrize("style", SMOOTHED)
def test_a_wiener_filter_restores_at_most_five_samples_a_side(style: Style, side: int) -> None:
    assert samples_after(cover_with(style), side=side) <= 5


@pytest.mark.parametrize("side", [64, 150, 400])
def test_a_wiener_filter_restores_many_more_of_the_gaussian_that_others_use(side: int) -> None:
    assert samples_after(peers_gaussian, side=side) >= 15


def test_a_filled_box_gives_nothing_away() -> None:
    def fill(picture: Image.Image) -> Image.Image:
        return Image.new("L", picture.size, 120)

    assert samples_after(fill, side=150) == 1


def samples_after_frames(cover: Callable[[list[Image.Image]], list[Image.Image]]) -> int:
    """Return the samples a side that covered pictures of a moving face give away together.

    The attacker lays the pictures over one another so that the face stands still. `natural` repeats beyond its edges,
    so the face moves in a picture without edges.
    """
    side = 160
    faces = [natural(side, seed) for seed in range(_PICTURES)]
    restored = []
    for number, still in enumerate(faces):
        moves = np.random.default_rng(number).integers(0, side, (_FRAMES, 2))
        frames = cover([picture_of(np.roll(still, tuple(move), (0, 1))) for move in moves])
        back = [np.roll(np.asarray(one, float), tuple(-move), (0, 1)) for one, move in zip(frames, moves, strict=True)]
        restored.append(np.mean(back, axis=0))
    return samples_restored(faces, restored)


@pytest.mark.parametrize("style", SMOOTHED)
def test_many_frames_of_a_moving_face_restore_at_most_five_samples_a_side_of_cells_that_stay(style: Style) -> None:
    def once_a_track(frames: list[Image.Image]) -> list[Image.Image]:
        cells = sample_cells(frames[0], style=style)
        return [enlarge_cells(cells, style=style, width=one.width, height=one.height) for one in frames]

    assert samples_after_frames(once_a_track) <= 5


@pytest.mark.parametrize("style", SMOOTHED)
def test_many_frames_restore_more_of_cells_that_are_sampled_in_each_frame(style: Style) -> None:
    def each_frame(frames: list[Image.Image]) -> list[Image.Image]:
        return [cover_with(style)(one) for one in frames]

    assert samples_after_frames(each_frame) > 5
