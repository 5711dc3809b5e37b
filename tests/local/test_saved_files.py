import os
from pathlib import Path

import pytest

from safelight_local.saved_files import Change, see_files, wait_for_changes


def changes(folder: Path, *, earlier: dict[str, bytes], later: dict[str, bytes]) -> list[Change]:
    """What is noticed between two states of a folder, of which there must be something."""
    for name, content in earlier.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    seen = see_files(folder)
    for name in earlier.keys() - later.keys():
        (folder / name).unlink()
    for name, content in later.items():
        if content != earlier.get(name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    return wait_for_changes(folder, seen=seen)[1]


def test_a_saved_file_has_its_content_from_before_and_after(tmp_path: Path) -> None:
    found = changes(
        tmp_path,
        earlier={"code/handler.py": b"old", "app.py": b"same"},
        later={"code/handler.py": b"newer", "app.py": b"same"},
    )
    assert found == [Change(path=tmp_path / "code" / "handler.py", before=b"old", after=b"newer")]


def test_a_file_that_is_created_has_no_content_from_before(tmp_path: Path) -> None:
    assert changes(tmp_path, earlier={}, later={"a.py": b"new"}) == [
        Change(path=tmp_path / "a.py", before=None, after=b"new")
    ]


def test_a_file_that_is_deleted_has_no_content_afterwards(tmp_path: Path) -> None:
    assert changes(tmp_path, earlier={"a.py": b"old"}, later={}) == [
        Change(path=tmp_path / "a.py", before=b"old", after=None)
    ]


def test_a_large_file_is_noticed_without_its_content(tmp_path: Path) -> None:
    large = b"x" * 300_000
    assert changes(tmp_path, earlier={"a.bin": b"x"}, later={"a.bin": large}) == [
        Change(path=tmp_path / "a.bin", before=b"x", after=None)
    ]


@pytest.mark.parametrize(
    "name", [".git/index", ".a.py.swp", "__pycache__/a.pyc", "node_modules/a.js", "cdk.context.json"]
)
def test_what_tools_write_is_not_noticed(tmp_path: Path, name: str) -> None:
    found = changes(tmp_path, earlier={name: b"old", "a.py": b"old"}, later={name: b"newer", "a.py": b"newer"})
    assert [it.path.name for it in found] == ["a.py"]


def test_a_file_that_is_saved_unchanged_is_not_noticed(tmp_path: Path) -> None:
    (tmp_path / "same.py").write_bytes(b"same")
    seen = see_files(tmp_path)
    os.utime(tmp_path / "same.py", ns=(1, 1))
    (tmp_path / "other.py").write_bytes(b"new")
    assert [it.path.name for it in wait_for_changes(tmp_path, seen=seen)[1]] == ["other.py"]
