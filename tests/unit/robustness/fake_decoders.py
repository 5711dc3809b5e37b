"""Fake decoders that fail, for workers: no real file is known that makes the real ones fail like this."""

import ctypes
import os
import signal
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import NoReturn

import rawpy

from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.framing import send

Made = tuple[object, Sequence[bytes]]

_C = ctypes.CDLL(None)
_C.malloc.restype = ctypes.c_void_p
_C.malloc.argtypes = [ctypes.c_size_t]
_C.free.argtypes = [ctypes.c_void_p]
# What glibc keeps for each thread, what it keeps for all, and what it gives back to the system.
BLOCK_SIZES = (64, 1_000, 5_000, 100_000, 1_000_000)
BLOCKS_OF_A_SIZE = 3

kept: list[bytes] = []
"""What a library keeps for itself from one file to the next."""


def echo(data: bytes) -> Made:
    return {"bytes": len(data)}, [data, b""]


def count(data: bytes, *, word: bytes = b"") -> Made:
    """Return how many words this process has got with a file of so many bytes."""
    kept.append(word)
    return [len(kept), len(data), len(word)], []


def read_where_nothing_is(data: bytes) -> Made:
    return ctypes.string_at(8, len(data)), []


def die_by(data: bytes, *, number: int) -> Made:
    os.kill(os.getpid(), number)
    signal.pause()
    return None, [data]


def leave(data: bytes, *, status: int) -> Made:
    os._exit(status)
    return None, [data]


def crash_after_the_answer(data: bytes) -> Made:
    """Answer, and crash when the child ends, as a library does that has damaged the heap."""

    def crash(status: int) -> NoReturn:  # noqa: ARG001 - the function's signature
        os.kill(os.getpid(), signal.SIGSEGV)
        raise AssertionError

    os._exit = crash
    return None, [data]


def answer_twice(data: bytes) -> Made:
    """Fake a decoder that was taken over: write a second answer wherever there is a pipe, when the child ends."""
    leave = os._exit

    def answer(status: int) -> NoReturn:
        for number in range(3, 20):
            with suppress(OSError):
                if stat.S_ISFIFO(os.fstat(number).st_mode):
                    with os.fdopen(os.dup(number), "wb") as pipe:
                        send(pipe, b'{"found": null}', data)
        leave(status)

    os._exit = answer
    return None, [data]


def spin(data: bytes) -> Made:
    while data:
        pass
    return None, []


def make_renditions(data: bytes, **_: object) -> Made:
    """Spin in place of the function of this name in `imagekit.sandbox.image_tasks`."""
    return spin(data)


def stand_still(data: bytes) -> Made:
    signal.pause()
    return None, [data]


def take_memory(data: bytes, *, count: int) -> Made:
    return len(bytearray(count)), [data]


def reject(data: bytes, *, reason: ImageFault, detail: dict[str, object]) -> Made:
    raise ImageRejected(reason, detail=detail | {"bytes": len(data)})


def be_mistaken(data: bytes) -> Made:
    return {b"another file": 1}[data], []


def print_something(data: bytes) -> Made:
    print("a decoder's remarks", flush=True)
    os.write(1, b"a C library's remarks\n")
    return None, [data]


def variables(_: bytes) -> Made:
    return dict(os.environ), []


def answer_of(data: bytes, *, count: int) -> Made:
    return None, [data, bytes(count)]


def work_for(data: bytes, *, seconds: float) -> Made:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return None, [data]


def leave_in_memory(data: bytes) -> Made:
    """Fake a decoder that frees blocks of every size with a file in them, and keeps the file."""
    blocks = [(_C.malloc(size), size) for size in BLOCK_SIZES for _ in range(BLOCKS_OF_A_SIZE)]
    for block, size in blocks:
        ctypes.memmove(block, (data * (size // len(data) + 1))[:size], size)
    for block, _ in blocks:
        _C.free(block)
    kept.append(data)
    return None, []


def publish_memory(data: bytes) -> Made:
    """Fake a decoder that publishes blocks to which it has written nothing, and what was kept."""
    blocks = [(_C.malloc(size), size) for size in BLOCK_SIZES for _ in range(BLOCKS_OF_A_SIZE)]
    return len(data), [*(ctypes.string_at(block, size) for block, size in blocks), *kept]


def unpack_raw(data: bytes) -> Made:
    """Publish what LibRaw makes of a camera raw file, unchecked."""
    with rawpy.imread(BytesIO(data)) as raw:
        return None, [raw.raw_image.tobytes()]


def is_imported(data: bytes, *, module: str) -> Made:
    return module in sys.modules, [data]


def speak_for_the_worker(data: bytes) -> Made:
    """Fake a decoder that was taken over: write nonsense wherever there is a pipe."""
    for number in range(3, 20):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, b"\xff" * 100)
    return None, [data]
