"""The folder of local files is the room that a call has."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from awskit.redaction.video.work import local_folder

KILLED = """
import os, signal
from awskit.redaction.video.work import local_folder
with local_folder() as folder:
    (folder / "source").write_bytes(b"private")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_what_a_killed_call_has_left_is_removed_by_the_next_one(temporary: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", KILLED], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=False
    )
    assert len(list(temporary.rglob("source"))) == 1
    with local_folder():
        assert not list(temporary.rglob("source"))


def test_what_another_call_works_with_stays() -> None:
    with local_folder() as first:
        (first / "source").write_bytes(b"private")
        with local_folder() as second:
            assert first != second
        assert (first / "source").exists()


def test_nothing_stays_after_a_call(temporary: Path) -> None:
    with local_folder() as folder:
        (folder / "source").write_bytes(b"private")
    assert not folder.exists()
    assert not list(temporary.rglob("source"))
