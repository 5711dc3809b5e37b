"""How much disk space the first ``safelight up`` needs, and where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from safelight_local.disk_space import Need, Volume, compare_space, needs_of, volume_of

CACHE, PROJECT = Path("/home/me/.cache/safelight"), Path("/data/photos")
NEEDS = [Need(folder=CACHE, size=250), Need(folder=PROJECT, size=400)]


def volumes(**free: int) -> Callable[[Path], Volume]:
    """File systems by the first folder of a path. With one of them only, all is on it."""
    ids = {name: number for number, name in enumerate(free)}

    def find(folder: Path) -> Volume:
        name = folder.parts[1] if folder.parts[1] in free else next(iter(free))
        return Volume(id=ids[name], free=free[name])

    return find


def test_what_is_written_to_one_file_system_is_added_up() -> None:
    (space,) = compare_space(NEEDS, volume_of=volumes(home=600))
    assert (space.folders, space.needed, space.missing) == ((CACHE, PROJECT), 650, 50)


def test_each_file_system_is_compared_with_its_own_need() -> None:
    home, data = compare_space(NEEDS, volume_of=volumes(home=100, data=1000))
    assert (home.folders, home.missing) == ((CACHE,), 150)
    assert (data.folders, data.missing) == ((PROJECT,), 0)


def test_what_is_already_in_the_cache_is_not_needed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path / "cache"))
    before, _ = needs_of(tmp_path)
    (tmp_path / "cache" / "layers").mkdir(parents=True)
    (tmp_path / "cache" / "layers" / "pillow.zip").write_bytes(bytes(1_000_000))
    after, _ = needs_of(tmp_path)
    assert before.size - after.size == 1_000_000


def test_a_folder_that_is_not_there_yet_is_on_the_file_system_of_its_parent(tmp_path: Path) -> None:
    assert volume_of(tmp_path / "not" / "there").id == tmp_path.stat().st_dev
