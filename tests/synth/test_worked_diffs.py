"""The worked diffs of the documentation still apply, and each costs no more files than it says."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIFFS = ROOT / "docs" / "contributing" / "diffs"
FILES = {"image-type": 2, "rendition-option": 2, "alarm": 1, "command": 1}


@pytest.mark.parametrize("name", FILES)
def test_a_worked_diff_applies(name: str) -> None:
    applied = subprocess.run(
        ["git", "apply", "--check", str(DIFFS / f"{name}.diff")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert applied.stderr == ""


@pytest.mark.parametrize("name", FILES)
def test_a_worked_diff_changes_as_many_files_as_it_says(name: str) -> None:
    text = (DIFFS / f"{name}.diff").read_text()
    assert text.count("diff --git ") == FILES[name]


def test_every_worked_diff_is_tested() -> None:
    assert {path.stem for path in DIFFS.glob("*.diff")} == set(FILES)
