"""Writes the folder of a new CDK app, for ``safelight init``. It imports only the standard library."""

import importlib.metadata
import json
import sys
from importlib.resources import files
from pathlib import Path

from safelight_local.errors import UserError

DESCRIPTION = """\
Write a folder with a CDK app that uses Safelight, two sample photographs and a README.

Files that exist are never changed. FOLDER is made when it is not there. Default: the current folder.
"""

_REQUIREMENTS = "requirements.txt"
# Path in the new folder -> name in the folder `starter`. The names of a wheel's files begin with no dot.
_FILES = {
    "app.py": "app.py",
    "cdk.json": "cdk.json",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    "samples/coffee.jpg": "coffee.jpg",
    "samples/astronaut.jpg": "astronaut.jpg",
}


def write_app(folder: Path) -> None:
    """Write a new app.

    `folder`: where to write it. Folders are made when they are not there.

    Raises UserError if one of the files exists, and nothing is written then; or if a file cannot be written.
    """
    source = files("safelight_local") / "starter"
    contents = {folder / path: (source / name).read_bytes() for path, name in _FILES.items()}
    contents[folder / _REQUIREMENTS] = f"{_requirement()}\n".encode()
    existing = [file for file in contents if file.exists() or file.is_symlink()]
    if existing:
        raise UserError(f"{existing[0]} exists already: name another folder")
    for file in contents:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot create the folder {file.parent}: {error.strerror}") from error
    try:
        for file, content in contents.items():
            file.write_bytes(content)
    except OSError as error:
        raise UserError(f"{error.filename} cannot be written ({error.strerror})") from error


def next_steps(folder: Path) -> str:
    """Return what the user does after `write_app`, a command a line.

    `folder`: as given to `write_app`.

    Result: Lines of text.
    """
    commands = [] if folder.resolve() == Path.cwd().resolve() else [f"cd {folder}"]
    # In a virtual environment, the prefix of this Python is not that of the one that it was made with.
    if sys.prefix == sys.base_prefix:
        commands += ["python3 -m venv .venv", "source .venv/bin/activate"]
    commands += [
        f"pip install -r {_REQUIREMENTS}",
        "safelight up",
        "safelight run samples/coffee.jpg",
        "safelight run samples/astronaut.jpg --place-type restaurant",
        "safelight console",
    ]
    return "\n".join([f"The app is in {folder.resolve()}. Next:", "", *(f"  {command}" for command in commands)])


def _requirement() -> str:
    """Name the Safelight that is installed here: by its file or folder (PEP 610) unless it comes from an index."""
    found = importlib.metadata.distribution("safelight")
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    return f"safelight[local] @ {origin['url']}" if "url" in origin else f"safelight[local]=={found.version}"
