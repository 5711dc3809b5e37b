"""The code of functions, and of layers that pip builds from pinned requirements. Docker is not needed.

Both are compiled to bytecode if this machine has a Python of the functions' version. Lambda cannot keep bytecode, so it
would compile all imports at every cold start, which takes longer than the imports themselves.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from aws_cdk import AssetHashType, aws_lambda

import safelight_contracts
from safelight.core.assets import LAMBDAS
from safelight.core.platform import Architecture, Platform
from safelight_models.cache import atomic_write, cache_folder
from safelight_models.progress import print_progress

_PIP_ARCHITECTURE = {Architecture.ARM64: "aarch64", Architecture.X86_64: "x86_64"}

# Files that a package needs for tests or builds only: a sixth of NumPy.
_UNUSED_FILES = ("tests", "*.pyi", "*.pyx", "*.pxd", "*.h", "*.c", "*.a")

# Pure Python, but not on the index as wheels. The requirements list all dependencies, as pip demands for these.
_WITHOUT_WHEELS = ("pyvips",)
# pyvips would compile a module for this machine if pkg-config found libvips. pyvips-binary has one for the functions.
_WITHOUT_PKG_CONFIG = {"PKG_CONFIG": "false"}

_SHARED_PACKAGES = ("awskit", "imagekit")
_CONTRACTS = Path(safelight_contracts.__file__).parent
_SECONDS_KEPT = 24 * 60 * 60


def layer_code(name: str, *, platform: Platform) -> aws_lambda.Code:
    """Return the code of the layer that ``lambdas/layers/{name}.txt`` pins.

    A layer is built once and kept in the cache folder. Its asset hash covers requirements, runtime and processor, not
    the bytes that pip wrote: they differ from run to run, and an unchanged layer would be deployed again.

    Raises
    ------
    RuntimeError
        If pip cannot build the layer. The message ends with pip's output.
    """
    requirements = LAMBDAS / "layers" / f"{name}.txt"
    target = "local" if platform.interpreter else "lambda"
    identity = "\0".join(
        (requirements.read_text(), platform.python, platform.architecture.value, target, *_UNUSED_FILES)
    )
    digest = hashlib.sha256(identity.encode()).hexdigest()
    compiler = _compiler(platform)
    layer = cache_folder() / "layers" / f"{name}-{_file_name(digest, compiler=compiler)}"
    if not layer.is_file():
        with _folder_for(layer, compiler=compiler) as built:
            _install(built / "python", requirements=requirements, platform=platform)
            print_progress(f"compiling and packing the layer {name}")
        # What takes long after the layer, until another layer is built.
        print_progress("packing the functions")
    return aws_lambda.Code.from_asset(str(layer), asset_hash=digest, asset_hash_type=AssetHashType.CUSTOM)


def function_code(*packages: str, platform: Platform) -> aws_lambda.Code:
    """Return the code of one function: its own packages, those that all functions share, and the contracts.

    Its asset hash covers the files and the runtime: it is the same from a checkout and from a wheel.

    Parameters
    ----------
    packages
        Folders under ``lambdas/``, such as ``image_workflow/resize``. Of its parent folders, only
        ``__init__.py`` is part of the code.
    platform
        The platform to compile for.
    """
    folders = [LAMBDAS / name for name in sorted({*packages, *_SHARED_PACKAGES})]
    files = sorted({path for folder in folders for path in _package_files(folder)})
    sources = {path.relative_to(LAMBDAS): path for path in files} | {
        path.relative_to(_CONTRACTS.parent): path for path in sorted(_CONTRACTS.rglob("*.py"))
    }
    identity = hashlib.sha256(platform.python.encode())
    for name, path in sources.items():
        identity.update(f"\0{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    digest = identity.hexdigest()
    compiler = _compiler(platform)
    family = "-".join(packages).replace("/", ".")
    code = cache_folder() / "functions" / family / _file_name(digest, compiler=compiler)
    if not code.is_file():
        with _folder_for(code, compiler=compiler) as built:
            for name, path in sources.items():
                (built / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, built / name)
        for other in code.parent.glob("*.zip"):
            # Code changes with every edit. A deleted file is built again when it is needed.
            if time.time() - other.stat().st_mtime > _SECONDS_KEPT:
                other.unlink(missing_ok=True)
    return aws_lambda.Code.from_asset(str(code), asset_hash=digest, asset_hash_type=AssetHashType.CUSTOM)


def _package_files(folder: Path) -> Iterator[Path]:
    """Yield a package's files, and the ``__init__.py`` of its parent folders."""
    yield from (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    yield from (outer / "__init__.py" for outer in folder.parents if LAMBDAS in outer.parents)


@cache
def _compiler(platform: Platform) -> str | None:
    """Return a Python of the functions' version on this machine."""
    if platform.interpreter is not None:
        return platform.interpreter
    if platform.python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{platform.python}")
    # Version managers put shims on the path even for versions that are not installed.
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode != 0:  # noqa: S603
        return None
    return found


def _file_name(digest: str, *, compiler: str | None) -> str:
    # The asset hash is the same with and without bytecode, so that a machine without the compiler deploys no change.
    return f"{digest[:16]}{'-compiled' if compiler else ''}.zip"


@contextmanager
def _folder_for(asset: Path, *, compiler: str | None) -> Iterator[Path]:
    """Yield a folder to build in, then zip it.

    The CDK copies an asset at every synth, and would zip a folder of thousands of files at every deployment.
    """
    with atomic_write(asset) as archive:
        built = archive.with_suffix("")
        yield built
        for compiled in list(built.rglob("__pycache__")):
            shutil.rmtree(compiled)
        if compiler is not None:
            # Not by timestamp: a zip file keeps no time zone.
            options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(built), "-p", "/opt"]
            # A file that does not compile is for another Python version, and is never imported.
            subprocess.run([compiler, "-m", "compileall", *options, str(built)], capture_output=True, check=False)  # noqa: S603
        shutil.make_archive(str(built), "zip", root_dir=built)


def _install(folder: Path, *, requirements: Path, platform: Platform) -> None:
    if platform.interpreter is None and importlib.util.find_spec("pip") is None:
        raise RuntimeError(
            f"Building the Lambda layer {requirements.stem} needs pip in this Python environment: "
            f"run '{sys.executable} -m ensurepip' and synthesise again."
        )
    print_progress(f"building the layer {requirements.stem} with pip")
    command = [
        platform.interpreter or sys.executable,
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-compile", "--require-hashes", "--no-deps"),
        *("--only-binary=:all:", f"--no-binary={','.join(_WITHOUT_WHEELS)}"),
        *_target_options(platform),
        *("--requirement", str(requirements), "--target", str(folder)),
    ]
    result = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, env=os.environ | _WITHOUT_PKG_CONFIG
    )
    if result.returncode != 0:
        raise RuntimeError(
            f"pip could not build the Lambda layer {requirements.stem} for Python {platform.python} on "
            f"{platform.architecture.value}:\n{result.stderr.strip()}"
        )
    for pattern in _UNUSED_FILES:
        for path in list(folder.rglob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


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
