"""Lambda layers built from pinned requirements by pip, with no Docker."""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from aws_cdk import AssetHashType, aws_lambda

from safelight._assets import LAMBDAS
from safelight.platform import Architecture, Platform

_PIP_ARCHITECTURE = {Architecture.ARM64: "aarch64", Architecture.X86_64: "x86_64"}


def layer_code(name: str, *, platform: Platform) -> aws_lambda.Code:
    """Return the code of the layer that ``lambdas/layers/{name}.txt`` pins.

    A layer is built once and kept under ``$SAFELIGHT_CACHE``, else ``$XDG_CACHE_HOME/safelight``, else
    ``~/.cache/safelight``. Its asset hash covers requirements, runtime and processor, not the bytes that pip wrote:
    those differ from run to run and would deploy an unchanged layer again.

    Raises
    ------
    RuntimeError
        When pip cannot build the layer; the message ends with pip's own words.
    """
    requirements = LAMBDAS / "layers" / f"{name}.txt"
    target = "local" if platform.interpreter else "lambda"
    identity = "\0".join((requirements.read_text(), platform.python, platform.architecture.value, target))
    digest = hashlib.sha256(identity.encode()).hexdigest()
    # One file: the CDK copies an asset at every synth and would zip a folder of thousands at every deployment.
    layer = cache_folder() / "layers" / f"{name}-{digest[:16]}.zip"
    if not layer.is_file():
        _build(layer, requirements=requirements, platform=platform)
    return aws_lambda.Code.from_asset(str(layer), asset_hash=digest, asset_hash_type=AssetHashType.CUSTOM)


def cache_folder() -> Path:
    if own := os.environ.get("SAFELIGHT_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safelight"


def _build(layer: Path, *, requirements: Path, platform: Platform) -> None:
    if platform.interpreter is None and importlib.util.find_spec("pip") is None:
        raise RuntimeError(
            f"Building the Lambda layer {requirements.stem} needs pip in this Python environment: "
            f"run '{sys.executable} -m ensurepip' and synthesise again."
        )
    layer.parent.mkdir(parents=True, exist_ok=True)
    # Built beside its place and moved there whole: two apps that synthesise at once never see half a layer.
    with tempfile.TemporaryDirectory(dir=layer.parent) as scratch:
        command = [
            platform.interpreter or sys.executable,
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--no-compile", "--require-hashes", "--only-binary=:all:"),
            *_target_options(platform),
            *("--requirement", str(requirements), "--target", str(Path(scratch) / "built" / "python")),
        ]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if result.returncode != 0:
            raise RuntimeError(
                f"pip could not build the Lambda layer {requirements.stem} for Python {platform.python} on "
                f"{platform.architecture.value}:\n{result.stderr.strip()}"
            )
        built = Path(scratch) / "built"
        for compiled in built.rglob("__pycache__"):
            shutil.rmtree(compiled)
        Path(shutil.make_archive(str(built), "zip", root_dir=built)).replace(layer)


def _target_options(platform: Platform) -> list[str]:
    if platform.interpreter is not None:
        return []
    processor = _PIP_ARCHITECTURE[platform.architecture]
    # Amazon Linux 2023, on which Lambda's Python 3.12 and newer run, has glibc 2.34; Amazon Linux 2 (3.11) 2.26.
    wheels = ["manylinux2014"] if platform.python == "3.11" else ["manylinux_2_28", "manylinux2014"]
    options = ["--implementation", "cp", "--python-version", platform.python]
    for wheel in wheels:
        options += ["--platform", f"{wheel}_{processor}"]
    return options
