import sys

import pytest

from visionkit.networks import ModelMissingError, read_model_file


def test_a_missing_model_is_named_with_its_layer() -> None:
    with pytest.raises(ModelMissingError, match=r"nobody\.onnx is missing: is the layer detector_models"):
        read_model_file("nobody.onnx")


def test_without_the_layer_the_model_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if "detector_models" not in folder])
    monkeypatch.delitem(sys.modules, "detector_models", raising=False)
    with pytest.raises(ModelMissingError, match="coco-ssd"):
        read_model_file("coco-ssd.onnx")
