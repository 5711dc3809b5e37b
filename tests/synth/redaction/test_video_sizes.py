"""What Lambda unpacks for each function of videos and its layers, on both processors, from the real wheels."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from aws_cdk import aws_lambda

from safelight.core.bundling import function_code, layer_code
from safelight.core.models import face_model_layer_code
from safelight.core.platform import Architecture, Platform
from safelight.redaction.video_steps import VIDEO_STEPS
from safelight_contracts.detectors import DETECTOR_MODELS

# "Lambda quotas": 250 MB of a function and its layers, unpacked.
MOST = 250 * 2**20
# The construct refuses it: see `VideoRedaction(platform=)`.
TOO_LARGE = ("Detect", Architecture.X86_64)


def files(path: Path) -> Iterator[tuple[str, int]]:
    if path.is_dir():
        yield from ((it.name, it.stat().st_size) for it in path.rglob("*") if it.is_file())
    else:
        yield from ((it.filename, it.file_size) for it in zipfile.ZipFile(path).infolist())


def unpacked(codes: Sequence[aws_lambda.Code]) -> int:
    """The bytes of a function and its layers, with bytecode."""
    paths = [Path(code.path) for code in codes if hasattr(code, "path")]
    assert len(paths) == len(codes)
    found = [it for path in paths for it in files(path)]
    # Bytecode is about as large as its source. A machine without the functions' Python does not make it.
    compiled = any(name.endswith(".pyc") for name, _ in found)
    bytecode = 0 if compiled else sum(size for name, size in found if name.endswith(".py"))
    return sum(size for _, size in found) + bytecode


def layers(names: Iterable[str], *, platform: Platform) -> list[aws_lambda.Code]:
    return [
        face_model_layer_code() if name == DETECTOR_MODELS else layer_code(name, platform=platform) for name in names
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("architecture", list(Architecture))
@pytest.mark.parametrize("id", list(VIDEO_STEPS))
def test_each_function_fits_with_its_layers_except_the_one_that_is_refused(id: str, architecture: Architecture) -> None:
    platform, step = Platform(architecture=architecture), VIDEO_STEPS[id]
    codes = [
        function_code(f"redaction/{step.package}", *step.packages, platform=platform),
        *layers(step.layers, platform=platform),
    ]
    assert (unpacked(codes) < MOST) == ((id, architecture) != TOO_LARGE)


@pytest.mark.thorough
@pytest.mark.parametrize("architecture", list(Architecture))
def test_the_layer_of_the_codecs_leaves_room_for_more(architecture: Architecture) -> None:
    assert unpacked(layers(["video"], platform=Platform(architecture=architecture))) < MOST // 2
