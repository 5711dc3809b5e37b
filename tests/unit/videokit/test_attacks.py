"""What an attacker restores of a face from all frames of a redacted video, in samples a side.

How samples are measured, see `tests.unit.imagekit.redaction.test_attacks`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.video.stream import VideoStream
from PIL import Image
from tests.unit.imagekit.redaction.test_attacks import SMOOTHED, Floats, natural, samples_restored
from tests.unit.videokit.pictures import lumas
from tests.unit.videokit.redacting import planned, redacted

from awskit.redaction.video.covering import read_covers
from awskit.redaction.video.linking import link_chunks
from imagekit.geometry import Box
from safelight_contracts.redaction.cells import MAX_CELLS, NOISE
from safelight_contracts.redaction.styles import Style
from videokit.cells import cell_weights
from videokit.chunks import Mosaic
from videokit.looking import Look, look
from videokit.painting import pixel_box
from videokit.tracks.detections import Detection

WIDTH, HEIGHT, SIDE = 320, 240, 96
RATE = 5
FACES = 3
# A face is in 3 frames, and then away for longer than a track is bridged.
SEEN, AWAY = 3, 8
# The standard deviation of a detector's places and sizes, as a part of the face.
JITTER = 0.05


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A face in a frame, and where a detector sees it: both in pixels."""

    left: int
    top: int
    seen: Box


def sights(*, visits: int, frames: int) -> Mapping[int, Sight]:
    """Move a face, by the number of the frame. A detector errs anew each time that the face comes back."""
    random = np.random.default_rng(visits)
    found = {}
    for visit in range(visits):
        across, down, wider, higher = random.normal(0, JITTER, 4) * SIDE
        for number in range(visit * (frames + AWAY), visit * (frames + AWAY) + frames):
            left, top = 110 + round(60 * np.sin(number / 5)), 70 + round(40 * np.cos(number / 7))
            box = Box(
                left=left + across,
                top=top + down,
                right=left + across + SIDE + wider,
                bottom=top + down + SIDE + higher,
            )
            found[number] = Sight(left=left, top=top, seen=box)
    return found


def write_face(path: Path, face: Floats, *, there: Mapping[int, Sight]) -> Path:
    """Write a video of a face before grey."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options={"crf": "8", "g": "10", "bf": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(max(there) + 2):
            pixels = np.full((HEIGHT * 3 // 2, WIDTH), 128, dtype=np.uint8)
            if sight := there.get(number):
                pixels[sight.top : sight.top + SIDE, sight.left : sight.left + SIDE] = face.round()
            frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def restored(face: Floats, folder: Path, *, there: Mapping[int, Sight], style: Style) -> tuple[Floats, int]:
    """Redact a video, and lay all covers of the face over one another. Returns the picture and the number of tracks.

    The attacker knows where the face is and where the detector has seen it.
    """
    folder.mkdir()
    source = write_face(folder / "source.mp4", face, there=there)
    info, plan = planned(source, seconds=2)
    numbers: Iterator[int] = iter(range(len(plan.frames)))

    def find(_pixels: object) -> Sequence[Detection]:
        sight = there.get(next(numbers))
        return [] if sight is None else [Detection(box=in_parts(sight.seen), score=0.9)]

    # Each frame is looked at, so that the detector can count them.
    how = Look(find=find, is_cut=lambda _before, _after: False, seconds=0, style=style)
    looked = [look(source, chunk=it, info=info, frames=plan.frames_of(it), how=how) for it in plan.chunks]
    linked = link_chunks(looked.__getitem__, info=info, plan=plan, padding=0.15)
    covers = {pts: boxes for told in linked.covers for pts, boxes in read_covers(told).items()}
    shown = lumas(redacted(source, folder / "made", seconds=2, covers=covers))
    faces = [
        laid_over(shown[number], there[number], cover)
        for number, frame in enumerate(plan.frames)
        for cover in covers.get(frame.pts, ())
        if number in there
    ]
    return np.mean(faces, axis=0), linked.tracks


def in_parts(box: Box) -> Box:
    return Box(left=box.left / WIDTH, top=box.top / HEIGHT, right=box.right / WIDTH, bottom=box.bottom / HEIGHT)


def laid_over(shown: np.ndarray, sight: Sight, cover: Box | Mosaic) -> Floats:
    """Scale the cells of a cover, which stand for what the detector saw, to the face."""
    assert isinstance(cover, Mosaic)
    painted = pixel_box(cover.box, orientation=1, width=WIDTH, height=HEIGHT)
    assert painted is not None
    across = (painted.right - painted.left) / (sight.seen.right - sight.seen.left)
    down = (painted.bottom - painted.top) / (sight.seen.bottom - sight.seen.top)
    left = painted.left + (sight.left - sight.seen.left) * across
    top = painted.top + (sight.top - sight.seen.top) * down
    place = Image.Transform.AFFINE, (across, 0, left, 0, down, top), Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(shown).transform((SIDE, SIDE), *place), float)


@pytest.mark.parametrize("visits", [1, 8])
@pytest.mark.parametrize("style", SMOOTHED)
def test_all_frames_of_a_moving_face_restore_at_most_five_samples_a_side_however_often_it_is_lost(
    tmp_path: Path, style: Style, visits: int
) -> None:
    there = sights(visits=visits, frames=30 if visits == 1 else SEEN)
    faces = [natural(SIDE, seed) for seed in range(FACES)]
    made = [restored(it, tmp_path / str(at), there=there, style=style) for at, it in enumerate(faces)]
    assert {tracks for _, tracks in made} == {visits}
    assert samples_restored(faces, [pixels for pixels, _ in made]) <= 5


def samples_of_the_best_linear_attack(*, tracks: int, cells: int, jitter: float) -> int:
    """Return the samples a side that all cells of several tracks give away to the best linear attack there is.

    It knows where each track's box was, how pictures have less energy in finer detail, and how much noise there is.
    The error that it leaves is the posterior covariance of the picture's Fourier coefficients.
    """
    side, most = 48, 10
    random = np.random.default_rng(tracks)
    periods = np.arange(-most, most + 1)
    radius = np.hypot(periods[:, None], periods[None, :])
    energy = 1 / np.maximum(1, radius) ** 2
    energy *= 45**2 / energy[radius > 0].sum()
    weights = cell_weights(side, cells=cells).astype(float)
    places = (np.arange(side) + 0.5) / side

    def along() -> npt.NDArray[np.complex128]:
        size, shift = 1 + random.normal(0, jitter), random.normal(0, jitter)
        waves: npt.NDArray[np.complex128] = weights @ np.exp(2j * np.pi * np.outer(places * size + shift, periods))
        return waves

    told = np.concatenate([np.einsum("af,bg->abfg", along(), along()).reshape(cells**2, -1) for _ in range(tracks)])
    # The variance of uniform noise of whole numbers.
    noise = ((2 * NOISE + 1) ** 2 - 1) / 12
    left = np.linalg.inv(told.conj().T @ told / noise + np.diag(1 / energy.ravel())).real.diagonal()
    ring = radius.round().astype(int).ravel()
    parts = np.bincount(ring, left)[1:] / np.bincount(ring, energy.ravel())[1:]
    return 2 * len(list(takewhile(lambda part: part < 0.5, parts))) + 1


@pytest.mark.parametrize("jitter", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("tracks", [1, 2, 10, 50])
@pytest.mark.parametrize("style", SMOOTHED)
def test_the_cells_of_many_tracks_add_up_to_at_most_five_samples_a_side(
    style: Style, tracks: int, jitter: float
) -> None:
    assert samples_of_the_best_linear_attack(tracks=tracks, cells=MAX_CELLS[style], jitter=jitter) <= 5
