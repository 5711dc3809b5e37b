"""What Lambda unpacks for the function that has both the detector and the codecs, on the default platform."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.bundling import function_code, layer_code
from safelight.core.models import face_model_layer_code
from safelight.core.platform import Platform
from safelight.redaction.video_steps import VIDEO_STEPS
from safelight_contracts.detectors import DETECTOR_MODELS

# "Lambda quotas": 250 MB of a function and its layers, unpacked.
MOST = 250 * 2**20
STEP = VIDEO_STEPS["Detect"]


def files(path: Path) -> Iterator[tuple[str, int]]:
    if path.is_dir():
        yield from ((it.name, it.stat().st_size) for it in path.rglob("*") if it.is_file())
    else:
        yield from ((it.filename, it.file_size) for it in zipfile.ZipFile(path).infolist())


@pytest.mark.thorough
def test_the_detector_and_the_codecs_fit_into_one_function() -> None:
    platform = Platform()
    codes = [
        function_code(f"redaction/{STEP.package}", *STEP.packages, platform=platform),
        face_model_layer_code(),
        *(layer_code(name, platform=platform) for name in STEP.layers if name != DETECTOR_MODELS),
    ]
    paths = [Path(code.path) for code in codes if hasattr(code, "path")]
    assert len(paths) == len(codes)
    found = [it for path in paths for it in files(path)]
    # Bytecode is about as large as its source. A machine without the functions' Python does not make it.
    compiled = any(name.endswith(".pyc") for name, _ in found)
    bytecode = 0 if compiled else sum(size for name, size in found if name.endswith(".py"))
    assert sum(size for _, size in found) + bytecode < MOST
