from pathlib import Path

import pytest

from safelight_models.cache import atomic_write, cache_folder


def test_the_cache_is_in_the_folder_of_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_the_cache_is_in_the_users_cache_folder_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SAFELIGHT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "safelight"


def test_a_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    target.write_text("old")
    with atomic_write(target) as unfinished:
        unfinished.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def fail_half_way(target: Path) -> None:
    with atomic_write(target) as unfinished:
        unfinished.write_text("half")
        raise ZeroDivisionError


def test_an_error_leaves_only_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "state.json"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "package") as unfinished:
        unfinished.mkdir()
        (unfinished / "module.py").touch()
    assert (tmp_path / "package" / "module.py").exists()


def test_parent_folders_of_the_target_are_created(tmp_path: Path) -> None:
    with atomic_write(tmp_path / "layers" / "pillow.zip") as unfinished:
        unfinished.touch()
    assert (tmp_path / "layers" / "pillow.zip").exists()


def test_a_folder_that_another_process_built_first_stays(tmp_path: Path) -> None:
    target = tmp_path / "layer"
    with atomic_write(target) as unfinished:
        unfinished.mkdir()
        target.mkdir()
        (target / "first").touch()
    assert [file.name for file in target.iterdir()] == ["first"]


def test_a_file_that_cannot_be_moved_to_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(IsADirectoryError), atomic_write(tmp_path / "state.json") as unfinished:
        unfinished.touch()


def test_the_unfinished_file_is_on_the_file_system_of_its_target(tmp_path: Path) -> None:
    # A rename between file systems is not atomic.
    with atomic_write(tmp_path / "state.json") as unfinished:
        unfinished.touch()
        assert unfinished.is_relative_to(tmp_path)
