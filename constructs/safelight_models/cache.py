"""The cache folder, files and folders that appear complete or not at all, and locks."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


def cache_folder() -> Path:
    """Return the folder for models, layers and functions that were built once.

    It is ``$SAFELIGHT_CACHE``, else ``safelight`` in the user's cache folder as the XDG Base Directory Specification
    names it (``$XDG_CACHE_HOME``, else ``~/.cache``).
    """
    if named := os.environ.get("SAFELIGHT_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safelight"


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Build a file or folder beside its target, and move it there when the ``with`` block ends without an error.

    Parameters
    ----------
    target
        A file there is replaced. If another process has built the same folder first, that one stays. Folders that
        ``target`` lies in are made.

    Yields
    ------
    Path
        The path to write to. Nothing exists there yet.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as scratch:
        unfinished = Path(scratch, target.name)
        yield unfinished
        try:
            unfinished.replace(target)
        except OSError:
            if not (unfinished.is_dir() and target.is_dir()):
                raise


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock in a ``with`` block. On Linux and macOS, another process that asks for it waits.

    Parameters
    ----------
    file
        The file of the lock, in an existing folder.

    Yields
    ------
    None
        Once.
    """
    with file.open("a") as handle:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
