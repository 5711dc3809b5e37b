"""Files and folders that appear complete or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Build a file or folder beside its place, and move it there when the ``with`` block ends without an error.

    Parameters
    ----------
    target : Path
        Its place. A file there is replaced.

    Yields
    ------
    Path
        The path to write to. Nothing exists there yet.
    """
    with TemporaryDirectory(dir=target.parent) as scratch:
        unfinished = Path(scratch, target.name)
        yield unfinished
        unfinished.replace(target)
