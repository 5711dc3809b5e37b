"""Covering faces in a video: `python -m bench.redaction.video`.

The published approach is that of AWS's samples: each frame becomes a JPEG file, the whole frame is blurred, the faces
are copied from the blurred one, and `cv2.VideoWriter` encodes the result. It is written again here, with one blur a
frame, however many faces it has; its joining of parts and of sound is not counted. The plain transcode decodes and
encodes with the same settings as ours, and covers nothing. All get the same file and the same five boxes a frame.

The time is processor time on one core. Detection is not counted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from PIL import Image

from bench.photographs import photograph_24_mp
from bench.results import Cell, Goal, Result, Table, at_least, at_most
from bench.rounds import take_turns, timed
from bench.show import show
from imagekit.geometry import Box
from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS
from videokit.chunks import redact_chunk
from videokit.info import VideoInfo
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe

LEAST_TIMES_FASTER = 8
MOST_OF_TRANSCODE = 1.15

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
_FRAMES, _RATE = 90, Fraction(30)
_FACES = [Box(left=0.05 + 0.19 * i, top=0.3, right=0.15 + 0.19 * i, bottom=0.5) for i in range(5)]
_OURS, _PEER, _TRANSCODE = "Safelight", "published approach", "plain transcode"


@dataclass(frozen=True, kw_only=True)
class _Film:
    """A film on disk, and how ours divides it: into one chunk."""

    path: Path
    info: VideoInfo
    plan: Plan
    folder: Path


def measure(*, rounds: int) -> Result:
    """Compare ours with the published approach and with a plain transcode, in 720p and 1080p."""
    cv2.setNumThreads(1)
    rows: list[tuple[Cell, ...]] = []
    goals: list[Goal] = []
    for name, (width, height) in SIZES.items():
        with _film(width=width, height=height) as film:
            ways = {
                _OURS: timed(partial(_redact, film)),
                _PEER: timed(partial(_by_opencv, film)),
                _TRANSCODE: timed(partial(_transcode, film)),
            }
            medians = take_turns(ways, rounds=rounds)
        rows.append((name, *(_FRAMES / medians.seconds[way] for way in ways)))
        faster, slower = medians.ratio(_PEER, to=_OURS), medians.ratio(_OURS, to=_TRANSCODE)
        goals += [
            at_least(LEAST_TIMES_FASTER, faster, goal=f"{name}: at least {LEAST_TIMES_FASTER} times the published one"),
            at_most(MOST_OF_TRANSCODE, slower, goal=f"{name}: at most {MOST_OF_TRANSCODE} of a plain transcode"),
        ]
    return Result(
        tables=[
            Table(
                title="Covering five faces in a video",
                note="Frames a second of one core, detection excepted.",
                columns={"size": "", _OURS: ".0f", _PEER: ".0f", _TRANSCODE: ".0f"},
                rows=rows,
            )
        ],
        goals=goals,
    )


@contextmanager
def _film(*, width: int, height: int) -> Iterator[_Film]:
    """Make a film of a camera that moves over a photograph."""
    with Image.open(BytesIO(photograph_24_mp())) as opened:
        pixels = np.asarray(opened.convert("RGB").resize((2 * width, 2 * height)))
    with TemporaryDirectory() as name:
        path = Path(name) / "film.mp4"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "20"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for number in range(_FRAMES):
                part = pixels[2 * number : 2 * number + height, 4 * number : 4 * number + width]
                output.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(part), format="rgb24")))
            output.mux(stream.encode(None))
        info = probe(path, limits=DEFAULT_VIDEO_LIMITS)
        yield _Film(path=path, info=info, plan=plan_of(path, info=info, seconds=60), folder=Path(name))


def _redact(film: _Film) -> None:
    (chunk,) = film.plan.chunks
    redact_chunk(
        film.path,
        film.folder / "ours.mp4",
        chunk=chunk,
        info=film.info,
        frames=film.plan.frames,
        covers={it.pts: _FACES for it in film.plan.frames},
    )


def _transcode(film: _Film) -> None:
    (chunk,) = film.plan.chunks
    redact_chunk(film.path, film.folder / "plain.mp4", chunk=chunk, info=film.info, frames=film.plan.frames, covers={})


def _by_opencv(film: _Film) -> None:
    width, height = film.info.width, film.info.height
    capture = cv2.VideoCapture(str(film.path))
    frames = 0
    while True:
        more, decoded = capture.read()
        if not more:
            break
        cv2.imwrite(str(film.folder / f"{frames}.jpg"), decoded)
        frames += 1
    capture.release()
    codec = cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(film.folder / "peer.mp4"), codec, float(_RATE), (width, height))
    for number in range(frames):
        frame = np.asarray(cv2.imread(str(film.folder / f"{number}.jpg")))
        blurred = cv2.GaussianBlur(frame, (99, 99), 30)
        for box in _FACES:
            rows = slice(round(box.top * height), round(box.bottom * height))
            columns = slice(round(box.left * width), round(box.right * width))
            frame[rows, columns] = blurred[rows, columns]
        writer.write(frame)
    writer.release()


if __name__ == "__main__":
    show(measure)
