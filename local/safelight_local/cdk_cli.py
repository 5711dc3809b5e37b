"""The AWS CDK CLI: the user's own, else a pinned one that is fetched into the cache folder."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from safelight_local.errors import UserError
from safelight_local.nodejs import search_path
from safelight_models.cache import atomic_write, cache_folder
from safelight_models.packages import ModelError, NpmPackage, fetch_package

PACKAGE = NpmPackage(
    name="aws-cdk",
    version="2.1148.1",
    sha256="01b5e99ce9b096cec11f19369c4b3ba0aeea0d9000c7824014deffafe92a4c86",
)
"""The CLI that is fetched. It has no dependencies. The version is that of ``package.json``."""


def installed_cli(project: Path) -> Path | None:
    """Find the user's CDK CLI.

    Returns ``cdk`` in the ``node_modules`` of the folder or a parent, else beside this interpreter, else on ``PATH``.
    """
    tools = [str(parent / "node_modules" / ".bin") for parent in [project, *project.parents]]
    program = shutil.which("cdk", path=os.pathsep.join([*tools, search_path()]))
    return Path(program) if program else None


def fetched_cli() -> Path | None:
    """Return the CLI in the cache folder, or None if it was not fetched yet."""
    program = _folder() / "bin" / "cdk"
    return program if program.is_file() else None


def fetch_cli(*, progress: Callable[[str], None]) -> Path:
    """Fetch the CLI into the cache folder with npm.

    `progress`: gets a line of text before each step that takes long.

    Raises UserError if npm is missing or fails, if the package is not the pinned one, or if the cache folder cannot be
    written.
    """
    progress(f"fetching {PACKAGE} from npm")
    try:
        files = fetch_package(PACKAGE, progress=progress)
        with atomic_write(_folder()) as unfinished:
            for path, content in files.items():
                file = unfinished / Path(path).relative_to("package")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            (unfinished / "bin" / "cdk").chmod(0o755)
    except ModelError as error:
        raise UserError(f"the AWS CDK CLI is missing: {error}") from error
    except OSError as error:
        raise UserError(f"the AWS CDK CLI cannot be written to {_folder()} ({error.strerror})") from error
    return _folder() / "bin" / "cdk"


def _folder() -> Path:
    return cache_folder() / f"{PACKAGE.name}-{PACKAGE.version}"
