"""Sources of bytes for reading headers: a few bytes at a time, possibly from a remote object."""

from collections.abc import Callable
from typing import Protocol

from imagekit.rejection import unreadable

FIRST_FETCH_BYTES = 65_536
"""Contains the whole header of 95 % of photographs."""

MAX_FETCHES = 16
MAX_FETCHED_BYTES = 8 * 1024 * 1024


class Source(Protocol):
    """Bytes that can be read at any offset."""

    @property
    def size(self) -> int:
        """The number of bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`. Fewer at the end."""


class BytesSource:
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`. Fewer at the end."""
        return self._data[offset : offset + length]


class PartSource:
    """A part of another source: an image within an image, or EXIF data.

    `length`: the length of the part; it ends with the whole at the latest. Default: to the end of the whole.
    """

    def __init__(self, source: Source, *, start: int, length: int | None = None) -> None:
        there = max(0, source.size - start)
        # A part of a part is read from the whole.
        self._source: Source = source._source if isinstance(source, PartSource) else source
        self._start: int = source._start + start if isinstance(source, PartSource) else start
        self.size = there if length is None else min(length, there)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`. Fewer at the end."""
        return self._source.read_at(self._start + offset, max(0, min(length, self.size - offset)))


class FetchedSource:
    """A remote object, of which windows are fetched and kept.

    The first window is 64 KB. Each later one is as large as all before it together, so that a long header takes few
    requests. A header may take at most `MAX_FETCHES` requests and `MAX_FETCHED_BYTES` bytes.

    `fetch`: called with an offset and a length, both inside the image; returns exactly these bytes.
    `size`: the image's size in bytes.
    `fetched_bytes`: the number of bytes so far.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], *, size: int) -> None:
        self._fetch = fetch
        self._windows: list[tuple[int, bytearray]] = []
        self.fetches = 0
        self.fetched_bytes = 0
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`. Fewer at the end.

        Raises ImageRejected: `UNREADABLE_IMAGE` if the header would take more requests or bytes than allowed.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        start, window = self._window_at(offset)
        known_end = start + len(window)
        if end > known_end:
            # From the end of the window, so that nothing is fetched twice.
            window += self._fetch_window(known_end, end - known_end)
            if start == known_end:
                self._windows.append((start, window))
        return bytes(window[offset - start : end - start])

    def _window_at(self, offset: int) -> tuple[int, bytearray]:
        reaching = (known for known in self._windows if known[0] <= offset <= known[0] + len(known[1]))
        return next(reaching, (offset, bytearray()))

    def _fetch_window(self, offset: int, needed: int) -> bytes:
        length = min(max(needed, FIRST_FETCH_BYTES, self.fetched_bytes), self.size - offset)
        if self.fetches == MAX_FETCHES or self.fetched_bytes + length > MAX_FETCHED_BYTES:
            raise unreadable("header is spread over too much of the file")
        window = self._fetch(offset, length)
        self.fetches += 1
        self.fetched_bytes += len(window)
        return window


def read_exactly(source: Source, offset: int, length: int) -> bytes:
    """Read `length` bytes from `offset` on.

    Raises ImageRejected: `UNREADABLE_IMAGE` if the image ends before.
    """
    data = source.read_at(offset, length)
    if len(data) < length:
        raise unreadable("truncated header")
    return data
