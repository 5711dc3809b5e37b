"""``safelight init``, as a user runs it: from a checkout, and from the wheel in a home without anything else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.local.command_line import ROOT, safelight

from safelight_local import new_app
from safelight_local.cli import main
from safelight_models.cache import cache_folder

FILES = {
    "app.py",
    "cdk.json",
    "requirements.txt",
    "README.md",
    ".gitignore",
    "samples/coffee.jpg",
    "samples/astronaut.jpg",
}


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_written_and_the_next_steps_are_printed(tmp_path: Path) -> None:
    done = safelight(tmp_path, "init", "my/photos")
    assert (done.returncode, done.stderr) == (0, "")
    assert files_in(tmp_path / "my" / "photos") == FILES
    assert done.stdout.startswith(f"The app is in {tmp_path}/my/photos. Next:\n\n  cd my/photos\n")
    assert "  safelight up\n" in done.stdout


@pytest.mark.parametrize(("base_prefix", "makes_one"), [("/elsewhere", False), (sys.prefix, True)])
def test_a_virtual_environment_is_made_only_outside_of_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    base_prefix: str,
    *,
    makes_one: bool,
) -> None:
    monkeypatch.setattr(sys, "base_prefix", base_prefix)
    assert main(["init", str(tmp_path / "photos")]) == 0
    steps = capsys.readouterr().out
    assert ("-m venv" in steps, "bin/activate" in steps) == (makes_one, makes_one)
    assert "  pip install -r requirements.txt\n" in steps


def test_the_current_folder_needs_no_step_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    assert main(["init"]) == 0
    assert files_in(tmp_path) == FILES | {"notes.txt"}
    assert "  cd " not in capsys.readouterr().out


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_file_that_exists_is_not_changed_and_nothing_else_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    own = tmp_path / file
    own.parent.mkdir(exist_ok=True)
    own.write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"safelight: {own} exists already: name another folder\n"
    assert files_in(tmp_path) == {file}
    assert own.read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["init", str(tmp_path / "file" / "photos")]) == 2
    folder = tmp_path / "file" / "photos"
    assert capsys.readouterr().err == f"safelight: cannot create the folder {folder}: Not a directory\n"


def test_it_needs_no_package(tmp_path: Path) -> None:
    source = "import sys; sys.modules['click'] = None; from safelight_local.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", source, "init", "photos"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert files_in(tmp_path / "photos") == FILES
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stderr) == (2, "safelight: photos/app.py exists already: name another folder\n")


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (None, "safelight[local]==9.8.7\n"),
        ('{"url": "file:///w/safelight.whl"}', "safelight[local] @ file:///w/safelight.whl\n"),
    ],
    ids=["from an index", "from a file"],
)
def test_the_requirements_name_the_safelight_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str | None, requirement: str
) -> None:
    installed = tmp_path / "safelight-9.8.7.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: safelight\nVersion: 9.8.7\n")
    if origin:
        (installed / "direct_url.json").write_text(origin)
    monkeypatch.syspath_prepend(str(tmp_path))
    new_app.write_app(tmp_path / "photos")
    assert (tmp_path / "photos" / "requirements.txt").read_text() == requirement


@pytest.fixture(scope="module")
def from_wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who has installed the wheel with its extra, and has an empty home.

    The packages that the wheel needs are those of this interpreter. Caches, and the settings of pip and npm, are those
    of this machine. There is no Node.js but the one of the extra, and no CDK CLI.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    packages = tmp_path_factory.mktemp("site-packages")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    home = Path.home()
    return os.environ | {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "PATH": os.defpath,
        "PYTHONPATH": str(packages),
        "SAFELIGHT_CACHE": str(cache_folder()),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(home / ".config")),
        "NPM_CONFIG_USERCONFIG": os.environ.get("NPM_CONFIG_USERCONFIG", str(home / ".npmrc")),
    }


def test_an_app_from_the_wheel_is_deployed_and_its_samples_have_the_outcomes_that_its_readme_says(
    from_wheel: dict[str, str], tmp_path: Path
) -> None:
    project = tmp_path / "photos"
    assert safelight(tmp_path, "init", "photos", env=from_wheel).returncode == 0
    up = safelight(project, "up", env=from_wheel)
    try:
        assert up.returncode == 0, up
        published = safelight(project, "run", "samples/coffee.jpg", "--json", env=from_wheel)
        rejected = safelight(
            project, "run", "samples/astronaut.jpg", "--place-type", "restaurant", "--json", env=from_wheel
        )
    finally:
        safelight(project, "down", env=from_wheel)
    assert [it["outcome"] for it in json.loads(published.stdout)] == ["PUBLISHED"]
    assert [it["reason"] for it in json.loads(rejected.stdout)] == ["NO_PEOPLE_ALLOWED"]
