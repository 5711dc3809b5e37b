"""Message framing between a process and its worker: a count, the length of each part, then the parts."""

import struct
from collections.abc import Sequence
from typing import IO

_COUNT = struct.Struct(">I")
_LENGTH = struct.Struct(">Q")
_MAX_PARTS = 1000


def send(stream: IO[bytes], *parts: bytes) -> None:
    """Write a message of at most 1,000 parts."""
    stream.write(_COUNT.pack(len(parts)) + b"".join(_LENGTH.pack(len(part)) for part in parts))
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes], *, max_bytes: int) -> Sequence[bytes]:
    """Read a message from an untrusted sender.

    `max_bytes`: the most bytes that all parts may have together.

    Raises EOFError: the stream ends before the message does. Raises ValueError: the message claims to be larger than
    allowed.
    """
    (count,) = _COUNT.unpack(_read(stream, _COUNT.size))
    if count > _MAX_PARTS:
        raise ValueError(f"a message of {count} parts")
    lengths = [length for (length,) in _LENGTH.iter_unpack(_read(stream, count * _LENGTH.size))]
    if sum(lengths) > max_bytes:
        raise ValueError(f"a message of {sum(lengths)} bytes")
    return [_read(stream, length) for length in lengths]


def _read(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    # A stream without a buffer returns what is there.
    while len(data) < length:
        more = stream.read(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data
