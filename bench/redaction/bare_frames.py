"""Bare faces, small faces, and what a minute of video costs: `python -m bench.redaction.bare_frames`.

The labelled set is that of tests/redaction_videos. It is written, decoded, looked at and linked as the workflow does.
The time is processor time on one core. The processor of this machine stands for Lambda's.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import av
import cv2
import numpy as np
from tests.redaction_videos.bareness import bareness, covers_for
from tests.redaction_videos.drawing import draw_face, frames_of
from tests.redaction_videos.faces import Face, astronaut, person
from tests.redaction_videos.looking import find, seen_in
from tests.redaction_videos.scenes import HEIGHT, WIDTH, Actor, Pose, Scene, box_of, faces_in
from tests.redaction_videos.the_set import labelled_set
from tests.redaction_videos.writing import write_scene

from bench.results import Cell, Result, Table, at_least, at_most
from bench.rounds import Medians, take_turns, timed
from bench.show import show
from imagekit.geometry import Box
from safelight.core.models import model_folder
from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS
from videokit.chunks import redact_chunk
from videokit.info import VideoInfo
from videokit.looking import Look, look
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe
from videokit.tracks.boxes import overlap
from videokit.tracks.cuts import is_cut

# https://aws.amazon.com/lambda/pricing/, us-east-1, arm64, first tier. 1,769 MB are one whole processor.
LAMBDA_USD_A_GB_SECOND = 0.0000133334
MEMORY_GB = 1769 / 1024
MOST_USD_A_MINUTE = 0.01
LEAST_FOUND_PERCENT = 99
"""Of whole heads whose face has 32 pixels."""

_INTERVALS = {"every frame": 0.0, "every 0.1 s": 0.1, "every 0.2 s": 0.2}
# What each size is looked at by default. More pixels take longer.
_INTERVAL_OF = {"360p": "every 0.1 s", "720p": "every 0.1 s", "1080p": "every 0.2 s"}
_SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
_FACE_HEIGHTS = (16, 24, 32, 48, 64)
_BACKGROUNDS = ("rocket", "coffee", "brick", "grass", "gravel")
_FILM_FRAMES, _RATE = 90, Fraction(30)
_IS_THE_FACE = 0.3


def measure(*, rounds: int) -> Result:
    """Look at the set, count faces by size, and measure the cost of a minute."""
    sys.path.append(str(model_folder() / "python"))
    cv2.setNumThreads(1)
    whole_set, bare = _of_the_set()
    sizes, found = _by_size()
    cost, usd_by_size = _cost(rounds=rounds)
    return Result(
        tables=[whole_set, sizes, cost],
        goals=[
            at_most(0, bare, goal="the labelled set, looked at every frame, every 0.1 s or every 0.2 s: no bare frame"),
            at_least(LEAST_FOUND_PERCENT, found, goal=f"whole heads of 32 px: at least {LEAST_FOUND_PERCENT} % found"),
            *(
                at_most(100 * MOST_USD_A_MINUTE, 100 * usd, goal=f"a minute of {size}: at most 1 US cent")
                for size, usd in usd_by_size.items()
            ),
        ],
    )


def _of_the_set() -> tuple[Table, int]:
    rows: list[tuple[Cell, ...]] = []
    bare_frames = 0
    with TemporaryDirectory() as folder:
        for scene in labelled_set():
            path = write_scene(scene, Path(folder) / f"{scene.name}.mp4")
            cells: list[Cell] = [scene.name, len(scene.times), sum(map(len, faces_in(scene)))]
            for seconds in _INTERVALS.values():
                bare, too_much, milliseconds = _seen(scene, path, seconds=seconds)
                cells += [bare, 100 * too_much, milliseconds]
                bare_frames += bare
            rows.append(tuple(cells))
    columns = {"scene": "", "frames": ".0f", "faces in them": ".0f"}
    for name in _INTERVALS:
        columns |= {f"{name}: bare frames": ".0f", "too much, %" + f" ({name})": ".1f", f"ms a look ({name})": ".0f"}
    return (
        Table(
            title="Bare faces of the labelled set",
            note="A frame is bare if more than 5 % of the box of a face in it is uncovered, also behind a bar. Too "
            "much: covered pixels outside of faces, of all pixels. More looks are made where faces are fast. "
            "Decoding is counted.",
            columns=columns,
            rows=rows,
        ),
        bare_frames,
    )


def _seen(scene: Scene, path: Path, *, seconds: float) -> tuple[int, float, float]:
    """Return the number of bare frames, the part that is covered too much, and the milliseconds a look."""
    start = process_time()
    seen = seen_in(scene, path, seconds=seconds)
    taken = process_time() - start
    result = bareness(scene, covers_for(seen))
    return len({frame for frame, _ in result.bare}), result.too_much, 1000 * taken / len(seen.detections)


def _by_size() -> tuple[Table, float]:
    heads = [(astronaut(), angle) for angle in range(-20, 21, 2)]
    cut = [(person(number), 0) for number in range(100)]
    rows = [(height, *(_found(faces, height=height) for faces in (heads, cut))) for height in _FACE_HEIGHTS]
    return (
        Table(
            title="Faces found, by their height",
            note=f"Percent of faces in frames of {WIDTH} x {HEIGHT} pixels, at the lower threshold. Whole heads: one "
            "photograph, turned by up to 20 degrees. Closely cut: a hundred people, without hair and ears, of 24 px.",
            columns={"height, px": ".0f", "whole heads": ".0f", "closely cut": ".0f"},
            rows=rows,
        ),
        next(float(row[1]) for row in rows if row[0] == 32),
    )


def _found(faces: Sequence[tuple[Face, float]], *, height: int) -> float:
    random = np.random.default_rng(height)
    found = 0
    for number, (face, angle) in enumerate(faces):
        background = _background(_BACKGROUNDS[number % len(_BACKGROUNDS)])
        pose = Pose(x=random.uniform(80, WIDTH - 80), y=random.uniform(80, HEIGHT - 80), height=height, angle=angle)
        truth = box_of(_standing(face, pose), time=0)
        frame = draw_face(background, face, pose=pose)
        found += any(truth is not None and overlap(it.box, truth) >= _IS_THE_FACE for it in find(frame))
    return 100 * found / len(faces)


def _standing(face: Face, pose: Pose) -> Actor:
    return Actor(face=face, pose=lambda _: pose)


def _background(name: str) -> np.ndarray:
    scene = labelled_set()[0]
    empty = replace(scene.shots[0], background=name, actors=[])
    return next(iter(frames_of(replace(scene, shots=[empty], times=[Fraction(0)]))))


def _cost(*, rounds: int) -> tuple[Table, dict[str, float]]:
    rows: list[tuple[Cell, ...]] = []
    usd = {}
    for name, (width, height) in _SIZES.items():
        with _film(width=width, height=height) as film:
            ways = {f"look {label}": timed(partial(_look, film, seconds=it)) for label, it in _INTERVALS.items()}
            medians = take_turns({**ways, "redact": timed(partial(_redact, film))}, rounds=rounds)
        rows.append((name, *(medians.ms(way) / _FILM_FRAMES for way in (*ways, "redact")), *_usd(medians, ways)))
        usd[name] = _usd_a_minute(medians, f"look {_INTERVAL_OF[name]}")
    return (
        Table(
            title="What a minute of 30 frames a second costs",
            note=f"Milliseconds a frame, with decoding, and USD a minute with redaction: Lambda, arm64, 1,769 MB, "
            f"{LAMBDA_USD_A_GB_SECOND} USD a GB-second.",
            columns={
                "size": "",
                **{f"look {it}, ms": ".0f" for it in _INTERVALS},
                "redact, ms": ".1f",
                **{f"{it}, USD": ".4f" for it in _INTERVALS},
            },
            rows=rows,
        ),
        usd,
    )


def _usd(medians: Medians, ways: Iterable[str]) -> Sequence[float]:
    return [_usd_a_minute(medians, way) for way in ways]


def _usd_a_minute(medians: Medians, way: str) -> float:
    seconds = (medians.seconds[way] + medians.seconds["redact"]) * 60 * float(_RATE) / _FILM_FRAMES
    return seconds * MEMORY_GB * LAMBDA_USD_A_GB_SECOND


@dataclass(frozen=True, kw_only=True)
class _Film:
    """A film on disk, of one chunk."""

    path: Path
    info: VideoInfo
    plan: Plan


@contextmanager
def _film(*, width: int, height: int) -> Iterator[_Film]:
    """Make three seconds of a film of a face."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "20"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for _, pixels in zip(range(_FILM_FRAMES), frames_of(labelled_set()[0]), strict=False):
                large = cv2.resize(pixels, (width, height)).astype(np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(large, format="rgb24")))
            output.mux(stream.encode(None))
        info = probe(path, limits=DEFAULT_VIDEO_LIMITS)
        yield _Film(path=path, info=info, plan=plan_of(path, info=info, seconds=60))


def _look(film: _Film, *, seconds: float) -> None:
    (chunk,) = film.plan.chunks
    how = Look(find=find, is_cut=is_cut, seconds=seconds)
    look(film.path, chunk=chunk, info=film.info, frames=film.plan.frames, how=how)


def _redact(film: _Film) -> None:
    (chunk,) = film.plan.chunks
    face = Box(left=0.3, top=0.3, right=0.5, bottom=0.6)
    redact_chunk(
        film.path,
        film.path.with_name("redacted.mp4"),
        chunk=chunk,
        info=film.info,
        frames=film.plan.frames,
        covers={it.pts: [face] for it in film.plan.frames},
    )


if __name__ == "__main__":
    show(measure)
