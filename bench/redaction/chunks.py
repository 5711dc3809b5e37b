"""Redacting the chunks of a video in parallel: `python -m bench.redaction.chunks`.

Four chunks of a film of 16, and the work on the whole film, go through each function's work as the workflow does it, in
sandboxes, on one core. Films of 1 to 1,000 chunks are simulated from these times: each chunk takes the time of one that
was measured, and the work on the whole film grows with its chunks. Compared are one function for all chunks, and
functions that work at once.

The time is processor time. What AWS adds is not counted: starts of functions, state transitions and transfers from and
to S3.
"""

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
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
from bench.rounds import take_turns
from bench.show import show
from imagekit.geometry import Box
from safelight.core.models import model_folder
from safelight_contracts.redaction.videos import DEFAULT_VIDEO_LIMITS
from videokit.chunks import redact_chunk
from videokit.info import VideoInfo
from videokit.join import join
from videokit.looking import Look, Looked, look
from videokit.plan import Chunk, Plan
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
_SIMULATED = (1, 16, 100, 1000)
_CONCURRENCIES = (40, 1000)


@dataclass(frozen=True, kw_only=True)
class Times:
    """Processor seconds.

    Parameters
    ----------
    detect, cover
        Of each chunk.
    whole, whole_of_one
        Of the work on a whole film of 16 chunks: probing, planning, linking, joining and validating; and of that on a
        film of one chunk. Most of both is the start of sandboxes.
    """

    detect: Sequence[float]
    cover: Sequence[float]
    whole: float
    whole_of_one: float

    def whole_of(self, chunks: int) -> float:
        """Return the seconds of the work on a whole film of so many chunks."""
        more = (self.whole - self.whole_of_one) / (CHUNKS - 1)
        return self.whole_of_one + more * (chunks - 1)


def measure(*, rounds: int) -> Result:
    """Measure four chunks once, and the work on whole films in rounds. Simulate longer films."""
    sys.path.append(str(model_folder() / "python"))
    times = _times(rounds=rounds)
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
                f"{_span(times.cover)} s. The work on the whole film took {times.whole:.2f} s, and "
                f"{times.whole_of_one:.2f} s on a film of one chunk. The rest is simulated.",
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
    return sum(maps) + times.whole_of(chunks)


def _map(taken: Sequence[float], *, functions: int) -> float:
    """Return how long a Map takes. A function takes the next chunk as soon as it is free."""
    free = [0.0] * functions
    for seconds in taken:
        heapreplace(free, free[0] + seconds)
    return max(free)


def _span(seconds: Sequence[float]) -> str:
    return f"{min(seconds):.1f} to {max(seconds):.1f}"


def _times(*, rounds: int) -> Times:
    with _film(chunks=CHUNKS) as path, _film(chunks=1) as short:
        info, plan = _planned(path)
        measured = plan.chunks[:_MEASURED]
        looked, detect, cover = [], [], []
        spent = _Stopwatch()
        for chunk in measured:
            how = Look(find=find, is_cut=is_cut, seconds=look_seconds(info))
            common = {"source": path, "chunk": chunk, "info": info, "frames": plan.frames_of(chunk)}
            looked.append(Looked.from_json(_run(look, {**common, "how": how})))
            detect.append(spent.lap())
        # The film repeats itself.
        looked = [_moved(looked[number % _MEASURED], to=chunk) for number, chunk in enumerate(plan.chunks)]
        covers = [_covers(it) for it in _linked(looked, info=info, plan=plan)]
        redacted = [path.with_name(f"{number % _MEASURED}.mp4") for number in range(CHUNKS)]
        spent.lap()
        for chunk, boxes, destination in zip(measured, covers, redacted, strict=False):
            common = {"source": path, "chunk": chunk, "info": info, "frames": plan.frames_of(chunk)}
            _run(redact_chunk, {**common, "destination": destination, "covers": boxes})
            _run(validate_decodable, {"path": destination, "chunk": chunk})
            cover.append(spent.lap())
        ways = {
            "whole": partial(_whole, path, looked=looked, redacted=redacted),
            "one": partial(_whole, short, looked=looked[:1], redacted=redacted[:1]),
        }
        medians = take_turns(ways, rounds=rounds).seconds
        return Times(detect=detect, cover=cover, whole=medians["whole"], whole_of_one=medians["one"])


def _moved(looked: Looked, *, to: Chunk) -> Looked:
    """Return what was found in a chunk as if it were in another one."""
    by = (to.number - looked.chunk) * _CHUNK_SECONDS * _RATE
    return replace(looked, chunk=to.number, found={frame + by: found for frame, found in looked.found.items()})


def _planned(path: Path) -> tuple[VideoInfo, Plan]:
    arguments: dict[str, Any] = {"path": path, "limits": DEFAULT_VIDEO_LIMITS}
    info = VideoInfo.from_json(_run(probe, arguments))
    return info, Plan.from_json(_run(plan_of, {**arguments, "info": info, "seconds": _CHUNK_SECONDS}))


def _linked(looked: Sequence[Looked], *, info: VideoInfo, plan: Plan) -> Iterable[Mapping[str, Any]]:
    return link_chunks(looked.__getitem__, info=info, plan=plan, padding=_PADDING).covers


def _whole(path: Path, *, looked: Sequence[Looked], redacted: Sequence[Path]) -> float:
    """Do the work on a whole film. Return its seconds."""
    spent = _Stopwatch()
    info, plan = _planned(path)
    deque(_linked(looked, info=info, plan=plan), maxlen=0)
    joined = path.with_name("joined.mp4")
    _run(join, {"chunks": redacted, "source": path, "destination": joined, "plan": plan, "info": info})
    _run(validate, {"path": joined, "source": path, "plan": plan, "info": info, "limits": DEFAULT_VIDEO_LIMITS})
    return spent.lap()


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
def _film(*, chunks: int) -> Iterator[Path]:
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
            for number in range(chunks * frames):
                pixels = there_and_back[number % len(there_and_back)]
                output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            output.mux(stream.encode(None))
        yield path


if __name__ == "__main__":
    show(measure)
