"""The AWS SDK for Node.js, which Lambda's Node.js runtimes have.

The emulator has stubs of some of its packages. The CDK's handlers of custom resources need more than the stubs have.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from safelight_local.errors import UserError
from safelight_models.cache import cache_folder, locked
from safelight_models.packages import ModelError, find_npm, run_manager

VERSION = "3.1175.0"
"""The newest version of a package that is fetched. A package has a version only where it changed."""


def sdk_folder() -> Path:
    """Return the folder of the packages, for ``NODE_PATH``.

    Result: in the cache folder. It may not exist.
    """
    return cache_folder() / f"aws-sdk-{VERSION}" / "node_modules"


def is_prepared(packages: Iterable[str]) -> bool:
    """Whether all of these packages are in the cache."""
    return all(map(_is_there, packages))


def prepare_sdk(packages: Iterable[str], *, progress: Callable[[str], None]) -> None:
    """Fetch the packages that are not in the cache. Several processes may do this at once.

    `packages`: such as ``@aws-sdk/client-s3``.
    `progress`: gets a line of text before each step that takes long.

    Raises UserError as `run_manager`, and if npm is missing.
    """
    missing = sorted(name for name in packages if not _is_there(name))
    fetches = ", ".join(missing)
    folder = sdk_folder().parent
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        manifest = folder / "package.json"
        if not manifest.is_file():
            manifest.write_text(json.dumps({"private": True}))
        progress(f"fetching {fetches}")
        options = ("--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
        try:
            run_manager(
                "npm",
                [find_npm(fetches=fetches), "install", *options, *(f"{name}@<={VERSION}" for name in missing)],
                folder=folder,
                fetches=fetches,
                trial_command=f"npm view {missing[0]}",
                progress=progress,
            )
        except ModelError as error:
            raise UserError(str(error)) from error


def _is_there(package: str) -> bool:
    return (sdk_folder() / package / "package.json").is_file()
