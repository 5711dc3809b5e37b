import os
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from safelight_local.emulator.patches.shared_packages import unpack_once

Unpack = Callable[[Path], Path]
LAYER = {"python/package/__init__.py": "VALUE = 1\n", "python/package/library.so": "binary"}


@pytest.fixture
def patched(tmp_path: Path) -> SimpleNamespace:
    (tmp_path / "kept").mkdir()
    return unpack_once(tmp_path / "kept")


@pytest.fixture
def unpack(patched: SimpleNamespace, tmp_path: Path) -> Unpack:
    """Unpack an archive like a new environment does, and return the folder."""

    def into_new_folder(archive: Path) -> Path:
        folder = tmp_path / f"environment-{len(list(tmp_path.glob('environment-*')))}"
        folder.mkdir()
        with patched.ZipFile(archive) as opened:
            opened.extractall(str(folder))
        return folder

    return into_new_folder


def archive_of(files: dict[str, str], *, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def files_in(folder: Path) -> dict[str, str]:
    found = [Path(top, name) for top, _, names in os.walk(folder, followlinks=True) for name in names]
    return {file.relative_to(folder).as_posix(): file.read_text() for file in found}


def test_every_environment_has_the_files_of_its_layer(unpack: Unpack, tmp_path: Path) -> None:
    archive = archive_of(LAYER, path=tmp_path / "layer.zip")
    assert files_in(unpack(archive)) == files_in(unpack(archive)) == LAYER


def test_the_same_files_are_unpacked_once(unpack: Unpack, tmp_path: Path) -> None:
    first, second = (unpack(archive_of(LAYER, path=tmp_path / name)) for name in ("a.zip", "b.zip"))
    assert (first / "python").samefile(second / "python")


def test_files_with_equal_names_and_other_content_are_distinct(unpack: Unpack, tmp_path: Path) -> None:
    changed = LAYER | {"python/package/__init__.py": "VALUE = 2\n"}
    first, second = (
        unpack(archive_of(files, path=tmp_path / name)) for files, name in ((LAYER, "a.zip"), (changed, "b.zip"))
    )
    assert (files_in(first), files_in(second)) == (LAYER, changed)


def test_packages_of_other_runtimes_are_unpacked_for_each(unpack: Unpack, tmp_path: Path) -> None:
    archive = archive_of({"index.js": "", "node_modules/a/index.js": ""}, path=tmp_path / "code.zip")
    first, second = unpack(archive), unpack(archive)
    assert not (first / "index.js").samefile(second / "index.js")


def test_environments_that_start_at_once_all_have_the_files(patched: SimpleNamespace, tmp_path: Path) -> None:
    archive = archive_of(LAYER, path=tmp_path / "layer.zip")

    def unpack(number: int) -> dict[str, str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        with patched.ZipFile(archive) as opened:
            opened.extractall(folder)
        return files_in(folder)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(unpack, range(24))) == [LAYER] * 24
