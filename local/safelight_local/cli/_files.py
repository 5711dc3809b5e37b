"""The files that commands are given."""

from pathlib import Path

from safelight_local.errors import UserError


def validate_file(path: Path, *, noun: str) -> None:
    """Validate that a file can be read.

    `noun`: what it is called in messages, such as ``image file``.

    Raises UserError if it cannot, or is a folder.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder: name the {noun}s in it")
    try:
        path.open("rb").close()
    except OSError as error:
        raise UserError(f"no such {noun}: {path} ({error.strerror})") from error
