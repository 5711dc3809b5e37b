"""The folder in which built layers and functions are kept, and how they get there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Return ``$SAFELIGHT_CACHE``, else ``$XDG_CACHE_HOME/safelight``, else ``~/.cache/safelight``."""
    if own := os.environ.get("SAFELIGHT_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safelight"


@contextmanager
def complete(target: Path) -> Iterator[Path]:
    """Yield a path to write a file or folder at, and move it to the target at the end.

    Two apps that are synthesised at the same time never see a part of it. If the other app is first, its file or folder
    stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        built = Path(scratch) / target.name
        yield built
        try:
            built.rename(target)
        except OSError:
            if not target.exists():
                raise
