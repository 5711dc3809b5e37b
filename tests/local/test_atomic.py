from pathlib import Path

import pytest

from safelight_local.atomic import atomic_write


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


def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
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


def test_the_unfinished_file_is_on_the_file_system_of_its_target(tmp_path: Path) -> None:
    # A rename between file systems is not atomic.
    with atomic_write(tmp_path / "state.json") as unfinished:
        unfinished.touch()
        assert unfinished.is_relative_to(tmp_path)
