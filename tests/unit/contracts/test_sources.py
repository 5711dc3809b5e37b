"""Where the sources of functions and state machines are."""

from pathlib import Path

from safelight_contracts.sources import source_root


def test_a_wheel_has_the_sources_in_the_package(tmp_path: Path) -> None:
    bundled = tmp_path / "safelight" / "_bundled"
    bundled.mkdir(parents=True)
    assert source_root(tmp_path / "safelight") == bundled


def test_a_checkout_has_the_sources_at_its_root(tmp_path: Path) -> None:
    library = tmp_path / "constructs" / "safelight"
    library.mkdir(parents=True)
    assert source_root(library) == tmp_path
