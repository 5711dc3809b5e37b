"""``safelight diagram``: draw a state machine as SVG or Mermaid."""

import json
import sys
from pathlib import Path

import click

from safelight_local.cli._help import examples
from safelight_local.diagram import draw, to_mermaid
from safelight_local.errors import UserError
from safelight_local.terminal import make_console, shown

_STANDARD_INPUT = Path("-")


@click.command(
    short_help="Draw a state machine as SVG or Mermaid.",
    epilog=examples("""\
  safelight diagram mine.asl.json > mine.svg
  safelight diagram mine.asl.json -o mine.svg
  safelight diagram mine.asl.json --mermaid -o mine.mmd
  aws stepfunctions describe-state-machine --state-machine-arn ARN --query definition --output text |
    safelight diagram - > deployed.svg
"""),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(path_type=Path), help="The picture (default: standard output)."
)
@click.option("--mermaid", is_flag=True, help="Write Mermaid text instead of SVG.")
def command(*, file: Path, output: Path | None, mermaid: bool) -> None:
    """Draw a state machine from its definition in ASL, with JSONata or JSONPath, with or without placeholders.

    The SVG follows the light or dark theme of its viewer. GitHub draws Mermaid text in Markdown. FILE is the
    definition; - reads standard input.
    """
    write = to_mermaid if mermaid else draw
    name = "standard input" if file == _STANDARD_INPUT else str(file)
    content = _read(file, name=name)
    try:
        picture = write(_parse(content))
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
    make_console().print(shown(str(output)), soft_wrap=True)


def _read(file: Path, *, name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == _STANDARD_INPUT else file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {name}: {error.strerror}") from error


def _parse(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise UserError(f"invalid JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise UserError("it is nested too deeply") from error
