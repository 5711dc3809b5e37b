"""``safelight watermark``: read the invisible watermark of an image file."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import click

from safelight_contracts.sources import source_root
from safelight_local.cli._help import examples
from safelight_local.errors import UserError
from safelight_local.installation import ADVICE
from safelight_local.terminal import make_console, shown

_SECONDS = 120


@click.command(
    short_help="Read an invisible watermark.",
    epilog=examples("  safelight watermark photo.jpg"),
)
@click.argument("file", type=click.Path(path_type=Path))
def command(*, file: Path) -> int:
    """Print the invisible watermark that a rendition was published with.

    FILE is an image as it was published, or scaled since. The exit code is 1 if it has no watermark, or if too little
    of it is left. Cropping removes it.
    """
    mark = read_watermark(file)
    text = f"{file}: no invisible watermark" if mark is None else mark
    make_console().print(shown(text), soft_wrap=True)
    return 1 if mark is None else 0


def read_watermark(file: Path) -> str | None:
    """Read the invisible watermark of an image file.

    The reader is part of the functions' code. It runs as a separate program, as it does in Lambda: this package does
    not import that code, and a file that crashes a decoder crashes only that program.

    Parameters
    ----------
    file : Path
        Of any type that renditions are made of.

    Returns
    -------
    str or None
        None if there is none, or too little of it is left.

    Raises
    ------
    UserError
        When the file is not there, or no image that can be read.
    """
    try:
        file.open("rb").close()
    except OSError as error:
        raise UserError(f"cannot read {file} ({error.strerror})") from error
    command = [sys.executable, "-P", "-m", "imagekit.watermarks.read_mark", str(file)]
    environment = os.environ | {"PYTHONPATH": str(_functions_code())}
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, no shell
            command, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{file} was not read within {_SECONDS} s") from error
    if done.returncode != 0:
        raise UserError(f"{file} cannot be read: {(done.stderr.splitlines() or ['the reader crashed'])[-1]}")
    answer: dict[str, str | None] = json.loads(done.stdout)
    if "rejected" in answer:
        raise UserError(f"{file} cannot be read: {answer['rejected']}")
    return answer["mark"]


def _functions_code() -> Path:
    library = importlib.util.find_spec("safelight")
    if library is None or library.origin is None:
        raise UserError(f"the library safelight, which has the reader, is not installed: {ADVICE}")
    return source_root(Path(library.origin).parent) / "lambdas"
