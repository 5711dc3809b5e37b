"""Models in the cache folder."""

import dataclasses
import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.unit.models.conftest import WEIGHTS, LocalPackage

from safelight_models.models import Model, missing_files, prepare_model
from safelight_models.packages import ModelError


def build(package: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"network": package["weights"], "anchors": b"anchors"}


@pytest.fixture
def model(local_package: LocalPackage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Model:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path / "cache"))
    sha256 = {"network": hashlib.sha256(WEIGHTS).hexdigest(), "anchors": hashlib.sha256(b"anchors").hexdigest()}
    return Model(name="tiny", package=local_package, sha256=sha256, build=build)


def expect_no_progress(line: str) -> None:
    raise AssertionError(f"nothing was to be fetched: {line}")


def test_a_model_is_fetched_once_for_two_concurrent_callers(model: Model) -> None:
    progress = list[str]()
    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda _: prepare_model(model, progress=progress.append), range(2)))
    assert folders == [model.folder] * 2
    assert progress == ["fetching model@1.0.0 for network and anchors"]
    assert (model.folder / "network").read_bytes() == WEIGHTS


def test_a_model_in_the_cache_is_not_fetched_again(model: Model) -> None:
    prepare_model(model, progress=lambda _: None)
    assert prepare_model(model, progress=expect_no_progress) == model.folder


def test_files_that_are_not_in_the_cache_are_missing(model: Model) -> None:
    assert missing_files(model) == ["network", "anchors"]


def test_a_damaged_file_is_missing_and_is_built_again(model: Model) -> None:
    damaged = prepare_model(model, progress=lambda _: None) / "network"
    damaged.write_bytes(WEIGHTS[:-1])
    assert missing_files(model) == ["network"]
    prepare_model(model, progress=lambda _: None)
    assert damaged.read_bytes() == WEIGHTS


def test_models_with_other_files_have_another_folder(model: Model) -> None:
    other = dataclasses.replace(model, sha256={**model.sha256, "network": "0" * 64})
    assert other.folder != model.folder


def test_a_built_file_with_the_wrong_hash_is_rejected_and_not_kept(model: Model) -> None:
    other = dataclasses.replace(model, sha256={"network": "0" * 64})
    with pytest.raises(ModelError, match=r"network from model@1\.0\.0 is not the pinned file"):
        prepare_model(other, progress=lambda _: None)
    assert missing_files(other) == ["network"]
    assert not (other.folder / "network").exists()


def test_a_cache_folder_that_cannot_be_used_is_named(
    model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SAFELIGHT_CACHE", str(file))
    with pytest.raises(ModelError, match=r"file cannot be used .* SAFELIGHT_CACHE"):
        prepare_model(model, progress=expect_no_progress)
