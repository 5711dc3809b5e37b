"""Read a video of which only some parts are here."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path
from typing import TypeAlias

Part: TypeAlias = tuple[int, int]
"""Where a part of a file starts, and the first byte behind it."""

GAP = 2**20
"""Parts that are nearer than this are fetched as one. A request to S3 takes as long as reading so much."""


@dataclass(frozen=True, kw_only=True)
class Partial:
    """A file as long as the whole video, of which only parts are written. What is between them must not be read.

    `parts`: rising, and apart from one another.
    """

    path: Path
    parts: Sequence[Part]


Source: TypeAlias = Path | Partial
"""A video, or the parts of it that a chunk needs."""


def path_of(source: Source) -> Path:
    """Return where a video is."""
    return source.path if isinstance(source, Partial) else source


def merged(parts: Iterable[Part], *, gap: int = 0) -> list[Part]:
    """Join parts that overlap, or are at most `gap` bytes apart. Default: 0."""
    joined: list[Part] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1] + gap:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


class _Reader:
    """What PyAV reads a file by."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._at = 0

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._file.close()

    def _take(self, count: int) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(count)
        self._at += len(data)
        return data


class RecordingReader(_Reader):
    """Reads a whole file, and notes which parts of it are read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.parts: list[Part] = []

    def read(self, count: int) -> bytes:
        """Read the next bytes."""
        start = self._at
        data = self._take(count)
        self.parts.append((start, self._at))
        return data

    def take_parts(self) -> list[Part]:
        """Return what was read since the last call."""
        taken, self.parts = merged(self.parts), []
        return taken


class PartialReader(_Reader):
    """Reads the parts of a file that are here, and ends with an error at what is not.

    `missed`: where something was read that is not here, or None. FFmpeg takes some errors for the end of the file.
    """

    def __init__(self, partial: Partial) -> None:
        super().__init__(partial.path)
        self._starts = [start for start, _ in partial.parts]
        self._ends = [end for _, end in partial.parts]
        self.missed: int | None = None

    def read(self, count: int) -> bytes:
        """Read the next bytes, and fewer at the end of a part."""
        if self._at >= self._size:
            return b""
        part = bisect_right(self._starts, self._at) - 1
        if part < 0 or self._at >= self._ends[part]:
            self.missed = self._at
            raise OSError(f"Byte {self._at} of the video is not here.")
        return self._take(min(count, self._ends[part] - self._at))
