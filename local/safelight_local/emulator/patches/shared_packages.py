"""Packages of Python functions that are unpacked once, and not for each environment that runs one.

ministack unpacks a function's code and layers anew for every process it starts:
thousands of files for a layer with NumPy, which are compiled anew too, and deleted when the process ends.
"""

import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

from safelight_local.atomic import atomic_write


def apply() -> None:
    """Patch how functions and layers are unpacked."""
    from ministack.core import lambda_runtime

    lambda_runtime.zipfile = unpack_once(Path(tempfile.mkdtemp(prefix="packages-")))


def unpack_once(folder: Path) -> SimpleNamespace:
    """Give what ministack takes of the module ``zipfile``, so that archives with the same files share what is unpacked.

    What is not Python's is unpacked as it was: Node.js looks for a package beside where a file really is.

    Parameters
    ----------
    folder : Path
        An existing folder, which keeps what was unpacked.

    Returns
    -------
    SimpleNamespace
        In place of ``ministack.core.lambda_runtime.zipfile``.
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
