"""Notices files that are saved in a folder, by looking at their sizes and times."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.3
_LARGEST_KEPT = 262_144
_NOT_WATCHED = frozenset({"__pycache__", "node_modules", "cdk.out", "build", "dist", "venv", "demo-output", "redacted"})
# The CDK CLI writes it during a deployment.
_NOT_SAVED = frozenset({"cdk.context.json"})


@dataclass(frozen=True, kw_only=True)
class SeenFile:
    """A file as it was seen.

    Attributes
    ----------
    changed : int
        When it was changed, in nanoseconds since 1970.
    size : int
        In bytes.
    content : bytes or None
        None where it is larger than 256 KiB.
    """

    changed: int
    size: int
    content: bytes | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file that was saved.

    Attributes
    ----------
    path : Path
        Where it is.
    before, after : bytes or None
        Its content. None where it did not or does not exist, or is larger than 256 KiB.
    """

    path: Path
    before: bytes | None
    after: bytes | None


def see_files(folder: Path, *, seen: Mapping[Path, SeenFile] | None = None) -> dict[Path, SeenFile]:
    """Look at the files in a folder, without hidden ones, and without what is installed or built.

    Parameters
    ----------
    folder : Path
        The folder.
    seen : Mapping[Path, SeenFile], optional
        What was seen before. The content of a file is read again only if its size or time is another. Default: nothing.

    Returns
    -------
    dict[Path, SeenFile]
        The files by their path.
    """
    earlier = seen or {}
    found = {}
    for path in _paths(folder):
        try:
            now = path.stat()
            known = earlier.get(path)
            if known is not None and (known.changed, known.size) == (now.st_mtime_ns, now.st_size):
                found[path] = known
                continue
            content = path.read_bytes() if now.st_size <= _LARGEST_KEPT else None
        except OSError:
            continue  # It was deleted meanwhile, or may not be read.
        found[path] = SeenFile(changed=now.st_mtime_ns, size=now.st_size, content=content)
    return found


def wait_for_changes(folder: Path, *, seen: Mapping[Path, SeenFile]) -> tuple[dict[Path, SeenFile], list[Change]]:
    """Wait until files are saved, created or deleted, and until nothing changes any more.

    Parameters
    ----------
    folder : Path
        The folder.
    seen : Mapping[Path, SeenFile]
        From `see_files`.

    Returns
    -------
    tuple[dict[Path, SeenFile], list[Change]]
        What is seen now, and the files whose content changed since.
    """
    latest = see_files(folder, seen=seen)
    while True:
        time.sleep(_POLL_SECONDS)
        now = see_files(folder, seen=latest)
        changes = _changes(seen, now)
        if changes and now == latest:
            return now, changes
        latest = now


def _changes(before: Mapping[Path, SeenFile], after: Mapping[Path, SeenFile]) -> list[Change]:
    changes = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new or (old and new and old.content is not None and old.content == new.content):
            continue
        changes.append(Change(path=path, before=old.content if old else None, after=new.content if new else None))
    return changes


def _paths(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_WATCHED and not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name not in _NOT_SAVED:
                yield Path(root, name)
