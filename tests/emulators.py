"""Emulators that are killed in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safelight_local.emulator.process import Emulator, start_emulator, stop_emulator
from safelight_local.servers import is_running, kill_group


@contextmanager
def killed_emulator(folder: Path) -> Iterator[Emulator]:
    """Have an emulator for the length of a ``with`` block.

    It is not asked to end: it would wait two seconds for the connections of clients, which tests leave open.
    """
    emulator = start_emulator(folder)
    try:
        yield emulator
    finally:
        if is_running(emulator.server):
            kill_group(emulator.server.pid)
        stop_emulator(emulator)
