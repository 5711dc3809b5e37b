"""Where header inspection reads from: a few bytes at a time, of something that may be far away."""

from collections.abc import Callable
from typing import Protocol

from imagekit.rejection import unreadable

FIRST_FETCH_BYTES = 65_536
"""Enough for the whole header of 95 % of photographs."""

MAX_FETCHES = 16
MAX_FETCHED_BYTES = 8 * 1024 * 1024


class Source(Protocol):
    """Something with a size whose bytes can be read at any offset."""

    @property
    def size(self) -> int:
        """The number of bytes there are."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset` on; fewer where the source ends before."""


class BytesSource:
    """A source over bytes that are in memory already.

    Parameters
    ----------
    data
        The whole image.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset` on; fewer where the data ends before."""
        return self._data[offset : offset + length]


class PartSource:
    """A source over a part of another one: an image within an image, or EXIF data.

    Parameters
    ----------
    source
        The whole.
    start
        Where the part begins.
    length
        How many bytes the part has, of which the whole may hold fewer. All that is left of the whole when left out.
    """

    def __init__(self, source: Source, *, start: int, length: int | None = None) -> None:
        self._source = source
        self._start = start
        there = max(0, source.size - start)
        self.size = there if length is None else min(length, there)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset` on; fewer where the part ends before."""
        return self._source.read_at(self._start + offset, max(0, min(length, self.size - offset)))


class FetchedSource:
    """A source that fetches windows of a distant image and keeps them.

    The first window is 64 KB; each later one is as large as all before it together, so that a long header
    takes few requests. No header takes more than `MAX_FETCHES` requests or `MAX_FETCHED_BYTES` bytes.

    Parameters
    ----------
    fetch
        Called with an offset and a length, both inside the image; returns exactly these bytes.
    size
        The image's size in bytes.

    Attributes
    ----------
    fetches
        How many requests there were so far.
    fetched_bytes
        How many bytes these gave.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], *, size: int) -> None:
        self._fetch = fetch
        self._windows: list[tuple[int, bytearray]] = []
        self.fetches = 0
        self.fetched_bytes = 0
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset` on; fewer where the image ends before.

        Raises
        ------
        ImageRejected
            `UNREADABLE_IMAGE` when the header would take more requests or bytes than are allowed.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        start, window = self._window_at(offset)
        known_end = start + len(window)
        if end > known_end:
            # From where the window ends, so that nothing in it is fetched again.
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
            raise unreadable("header is spread too far")
        window = self._fetch(offset, length)
        self.fetches += 1
        self.fetched_bytes += len(window)
        return window


def read_exactly(source: Source, offset: int, length: int) -> bytes:
    """Read bytes that a header must have.

    Parameters
    ----------
    source
        The image.
    offset, length
        Which bytes.

    Raises
    ------
    ImageRejected
        `UNREADABLE_IMAGE` when the image ends before.
    """
    data = source.read_at(offset, length)
    if len(data) < length:
        raise unreadable("truncated header")
    return data
