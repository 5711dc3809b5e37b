"""Redacting the chunks of a video in parallel: `python -m bench.redaction.chunks`.

A film of four chunks goes through each function's work as the workflow does it, in sandboxes, on one core. Films of 16
to 1,000 chunks are simulated from these times: each chunk takes the time of one that was measured, and the work on the
whole film grows with the number of chunks. Compared are one function for all chunks, and functions that work at once.

The time is processor time. What AWS adds is not counted: starts of functions, state transitions and transfers from and
to S3.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapreplace
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np
from tests.redaction_videos.drawing import frames_of
from tests.redaction_videos.the_set import labelled_set

from awskit.redaction.video.detecting import look_seconds
from awskit.redaction.video.finding import find
from awskit.redaction.video.linking import link_chunks
from bench.results import Cell, Result, Table, at_least
from bench.show import show
from imagekit.geometry import Box
from safelight.core.models import model_folder
from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS
from videokit.chunks import redact_chunk
from videokit.info import VideoInfo
from videokit.join import join
from videokit.looking import Look, Looked, look
from videokit.plan import Plan
from videokit.planning import plan_of
from videokit.probe import probe
from videokit.sandbox import ProcessLimits, run_in_sandbox
from videokit.tracks.cuts import is_cut
from videokit.validate import validate, validate_decodable

CHUNKS = 16
_MEASURED = 4
LEAST_TIMES_FASTER = 15
_CHUNK_SECONDS, _RATE = 10, 30
_WIDTH, _HEIGHT = 1280, 720
_PADDING = 0.15
# Probing, planning, joining and validating have one each.
_SANDBOXES = 4
_SIMULATED = (1, 16, 100, 1000)
_CONCURRENCIES = (40, 1000)


@dataclass(frozen=True, kw_only=True)
class Times:
    """Processor seconds.

    Parameters
    ----------
    detect, cover
        Of each chunk.
    starts
        Of the sandboxes that work on the whole film.
    rest
        Of the work on the whole film without these starts: planning, linking, joining and validating. It grows with
        the film.
    """

    detect: Sequence[float]
    cover: Sequence[float]
    starts: float
    rest: float


def measure(*, rounds: int) -> Result:
    """Measure a film of four chunks, and simulate longer ones. The chunks are the rounds: each is measured once."""
    del rounds
    sys.path.append(str(model_folder() / "python"))
    times = _times()
    one, parallel = elapsed(times, chunks=CHUNKS, functions=1), elapsed(times, chunks=CHUNKS, functions=CHUNKS)
    rows: list[tuple[Cell, ...]] = []
    for chunks in _SIMULATED:
        alone = elapsed(times, chunks=chunks, functions=1)
        together = [elapsed(times, chunks=chunks, functions=min(most, chunks)) for most in _CONCURRENCIES]
        rows.append((chunks, chunks * _CHUNK_SECONDS / 60, alone, *(it for s in together for it in (s, alone / s))))
    columns = {"chunks": ".0f", "minutes of film": ".1f", "one function, s": ".0f"}
    for most in _CONCURRENCIES:
        columns |= {f"at most {most} at once, s": ".0f", f"times faster ({most})": ".1f"}
    return Result(
        tables=[
            Table(
                title="Chunks of a video in parallel",
                note=f"A film of {_WIDTH} x {_HEIGHT}, {_RATE} frames a second, in chunks of {_CHUNK_SECONDS} s. "
                f"{_MEASURED} chunks were measured: looking took {_span(times.detect)} s a chunk, covering "
                f"{_span(times.cover)} s, and the work on the whole film {times.rest:.1f} s. Starts of its sandboxes "
                f"took {times.starts:.1f} s, whatever the film's length. The rest is simulated.",
                columns=columns,
                rows=rows,
            )
        ],
        goals=[
            at_least(LEAST_TIMES_FASTER, one / parallel, goal=f"16 chunks: {LEAST_TIMES_FASTER} times one function")
        ],
    )


def elapsed(times: Times, *, chunks: int, functions: int) -> float:
    """Simulate how long a film takes, if as many functions as given work at the same time."""
    random = Random(chunks)  # noqa: S311
    order = [number % len(times.detect) for number in range(chunks)]
    random.shuffle(order)
    maps = [_map([taken[number] for number in order], functions=functions) for taken in (times.detect, times.cover)]
    return sum(maps) + times.starts + times.rest * chunks / len(times.detect)


def _map(taken: Sequence[float], *, functions: int) -> float:
    """Return how long a Map takes. A function takes the next chunk as soon as it is free."""
    free = [0.0] * functions
    for seconds in taken:
        heapreplace(free, free[0] + seconds)
    return max(free)


def _span(seconds: Sequence[float]) -> str:
    return f"{min(seconds):.1f} to {max(seconds):.1f}"


def _times() -> Times:
    with _film() as path:
        spent = _Stopwatch()
        arguments: dict[str, Any] = {"path": path, "limits": DEFAULT_VIDEO_LIMITS}
        info = VideoInfo.from_json(_run(probe, arguments))
        # Probing reads the same few bytes of any film, so that nearly all of this is the start.
        start = spent.lap()
        plan = Plan.from_json(_run(plan_of, {**arguments, "info": info, "seconds": _CHUNK_SECONDS}))
        rest = spent.lap() - start
        looked, detect = [], []
        for chunk in plan.chunks:
            how = Look(find=find, is_cut=is_cut, seconds=look_seconds(info))
            common = {"source": path, "chunk": chunk, "info": info, "frames": plan.frames_of(chunk)}
            looked.append(Looked.from_json(_run(look, {**common, "how": how})))
            detect.append(spent.lap())
        covers = [_covers(it) for it in link_chunks(looked.__getitem__, info=info, plan=plan, padding=_PADDING).covers]
        rest += spent.lap()
        redacted, cover = [path.with_name(f"{chunk.number}.mp4") for chunk in plan.chunks], []
        for chunk, boxes, destination in zip(plan.chunks, covers, redacted, strict=True):
            common = {"source": path, "chunk": chunk, "info": info, "frames": plan.frames_of(chunk)}
            _run(redact_chunk, {**common, "destination": destination, "covers": boxes})
            _run(validate_decodable, {"path": destination, "chunk": chunk})
            cover.append(spent.lap())
        joined = path.with_name("joined.mp4")
        _run(join, {"chunks": redacted, "source": path, "destination": joined, "plan": plan, "info": info})
        _run(validate, {"path": joined, "source": path, "plan": plan, "info": info, "limits": DEFAULT_VIDEO_LIMITS})
        rest += spent.lap() - (_SANDBOXES - 2) * start
        return Times(detect=detect, cover=cover, starts=_SANDBOXES * start, rest=rest)


def _run(function: Any, arguments: Mapping[str, Any]) -> Any:
    return run_in_sandbox(function, arguments, limits=ProcessLimits())


def _covers(told: Mapping[str, Any]) -> Mapping[int, Sequence[Box]]:
    return {
        int(pts): [Box(left=left, top=top, right=right, bottom=bottom) for _, left, top, right, bottom in boxes]
        for pts, boxes in told["boxes"].items()
    }


class _Stopwatch:
    """Counts the processor time of this process and of its children that have ended."""

    def __init__(self) -> None:
        self._at = _spent()

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        before, self._at = self._at, _spent()
        return self._at - before


def _spent() -> float:
    used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(it.ru_utime + it.ru_stime for it in used)


@contextmanager
def _film() -> Iterator[Path]:
    """Make a film of a face, with a key frame at the start of each chunk."""
    frames = _CHUNK_SECONDS * _RATE
    pictures = [cv2.resize(it, (_WIDTH, _HEIGHT)).astype(np.uint8) for it in frames_of(labelled_set()[0])]
    # Forwards and backwards, so that the film has no cuts.
    there_and_back = [*pictures, *pictures[-2:0:-1]]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w") as output:
            options = {
                "preset": "veryfast",
                "crf": "20",
                "g": str(frames),
                "keyint_min": str(frames),
                "sc_threshold": "0",
            }
            stream = output.add_stream("libx264", rate=Fraction(_RATE), options=options)
            stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
            for number in range(_MEASURED * frames):
                pixels = there_and_back[number % len(there_and_back)]
                output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            output.mux(stream.encode(None))
        yield path


if __name__ == "__main__":
    show(measure)
