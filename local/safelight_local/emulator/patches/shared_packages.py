"""Packages of Python functions, unpacked once for all environments.

ministack unpacks the code and the layers of a function for each process that it starts, and deletes them when the
process ends. A layer with NumPy has thousands of files, and Python compiles them each time.
"""

import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

from safelight_models.cache import atomic_write


def apply() -> None:
    """Patch how functions and layers are unpacked."""
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = unpack_once(Path(tempfile.mkdtemp(prefix="packages-")))


def unpack_once(folder: Path) -> SimpleNamespace:
    """Make a replacement for the module ``zipfile`` that unpacks archives with the same files once.

    Packages of other runtimes are unpacked as before: Node.js resolves packages from the real path of a file.

    Returns the names of ``zipfile`` that ``ministack.core.lambda_runtime`` uses.
    """
    lock = threading.Lock()

    class SharedZipFile(zipfile.ZipFile):
        def extractall(
            self,
            path: str | os.PathLike[str] | None = None,
            members: Iterable[str | zipfile.ZipInfo] | None = None,
            pwd: bytes | None = None,
        ) -> None:
            if path is None or not _is_python(self.namelist()):
                super().extractall(path, members, pwd)
                return
            with lock:
                kept = folder / _digest(self.infolist())
                if not kept.is_dir():
                    with atomic_write(kept) as unfinished:
                        super().extractall(unfinished)
            for entry in kept.iterdir():
                Path(path, entry.name).symlink_to(entry)

    return SimpleNamespace(ZipFile=SharedZipFile, BadZipFile=zipfile.BadZipFile, LargeZipFile=zipfile.LargeZipFile)


def _is_python(names: Iterable[str]) -> bool:
    return all(name.startswith("python/") or name.endswith((".py", "/")) for name in names)


def _digest(infos: Iterable[zipfile.ZipInfo]) -> str:
    described = [(info.filename, info.file_size, info.CRC) for info in infos]
    return hashlib.sha256(repr(described).encode()).hexdigest()
