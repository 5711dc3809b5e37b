"""The free disk space that the first ``safelight up`` needs. It imports only the standard library."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight_models.cache import cache_folder

# Measured with the app of `safelight init`, and rounded up. An app with an OpenCV detector needs twice as much.
_OF_CACHE = 250_000_000
_OF_EMULATOR = 400_000_000


@dataclass(frozen=True, kw_only=True)
class Need:
    """How many bytes are still to be written to a folder, which may not exist yet."""

    folder: Path
    size: int


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A file system.

    `id`: tells it from others on this machine.
    `free`: how many bytes this user can write.
    """

    id: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Space:
    """What there is on one file system, and what is needed.

    `folders`: those on it.
    `needed`, `free`: in bytes.
    """

    folders: tuple[Path, ...]
    needed: int
    free: int

    @property
    def missing(self) -> int:
        """How many bytes are to be made free. 0 if there are enough."""
        return max(0, self.needed - self.free)


def needs_of(project: Path) -> list[Need]:
    """List what the first ``safelight up`` of an app writes: layers and models that are kept, and the deployment.

    `project`: the folder of the app.
    """
    cache = cache_folder()
    kept = sum(_size(cache / name) for name in ("layers", "models"))
    return [
        Need(folder=cache, size=max(0, _OF_CACHE - kept)),
        Need(folder=project, size=max(0, _OF_EMULATOR - _size(project / ".safelight"))),
    ]


def volume_of(folder: Path) -> Volume:
    """Look at the file system that a folder is on, or would be."""
    existing = next(it for it in (folder.absolute(), *folder.absolute().parents) if it.exists())
    return Volume(id=existing.stat().st_dev, free=shutil.disk_usage(existing).free)


def compare_space(needs: Sequence[Need], *, volume_of: Callable[[Path], Volume] = volume_of) -> list[Space]:
    """Compare what is needed with what is free, for each file system.

    `volume_of`: finds the file system of a folder.
    """
    on_volume: dict[int, list[Need]] = defaultdict(list)
    free: dict[int, int] = {}
    for need in needs:
        volume = volume_of(need.folder)
        on_volume[volume.id].append(need)
        free[volume.id] = volume.free
    return [
        Space(folders=tuple(it.folder for it in found), needed=sum(it.size for it in found), free=free[id])
        for id, found in on_volume.items()
    ]


def _size(folder: Path) -> int:
    found = (Path(where, name) for where, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in found if file.exists())
