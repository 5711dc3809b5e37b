"""The folder for what is fetched once, and locks that let one process at a time use a file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Return the cache folder.

    It is ``$SAFELIGHT_CACHE``, else ``safelight`` in the user's cache folder as the XDG Base Directory
    Specification names it (``$XDG_CACHE_HOME``, else ``~/.cache``).
    """
    if named := os.environ.get("SAFELIGHT_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safelight"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock in a ``with`` block. Another process that asks for it waits.

    Parameters
    ----------
    file : Path
        The lock's file, in an existing folder. It is made when it is not there.

    Yields
    ------
    None
        Once.
    """
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
