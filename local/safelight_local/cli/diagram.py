"""What ``safelight diagram`` does."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from safelight_local.errors import UserError

_STANDARD_INPUT = Path("-")


def diagram(file: Path, *, output: Path | None, write: Callable[[object], str]) -> None:
    """Draw the state machine in a file.

    Parameters
    ----------
    file : Path
        Its definition in ASL; ``-`` reads standard input.
    output : Path or None
        The picture; None writes to standard output.
    write : Callable[[object], str]
        `safelight_local.diagram.draw` or `safelight_local.diagram.to_mermaid`.

    Raises
    ------
    UserError
        When the file cannot be read or is no definition that can be drawn, with its name; or the picture cannot be
        written.
    """
    name = "standard input" if file == _STANDARD_INPUT else str(file)
    try:
        picture = write(_read(file))
    except UserError as error:
        raise UserError(f"{name}: {error}") from error
    if output is None:
        # Its bytes are the same on every machine, whatever the terminal's encoding is.
        sys.stdout.buffer.write(picture.encode())
        sys.stdout.buffer.flush()
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{output} cannot be written: {error.strerror}") from error


def _read(file: Path) -> object:
    try:
        content = sys.stdin.buffer.read() if file == _STANDARD_INPUT else file.read_bytes()
        return json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"it is no UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise UserError(f"it is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise UserError("it is nested too deeply") from error
