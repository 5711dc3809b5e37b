"""``safelight dng``: convert a Raspberry Pi raw photograph to DNG."""

from pathlib import Path

import click

from safelight_local.cli._help import examples
from safelight_local.terminal import make_console, shown


@click.command(
    short_help="Turn a Raspberry Pi's raw photograph into a DNG.",
    epilog=examples("""\
  safelight dng photo.jpg
  safelight dng photo.jpg -o raw/photo.dng
"""),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="The DNG (default: beside FILE, as FILE's name.dng).",
)
def command(*, file: Path, output: Path | None) -> None:
    """Write the raw data in FILE, a JPEG of `raspistill --raw`, as a DNG.

    White balance and colours come from the camera's maker note. If the note has no white balance, the picture's
    average colour is assumed to be grey.
    """
    console = make_console()
    # NumPy takes longer to import than most commands take.
    from safelight_local.dng import convert_file

    written, made = convert_file(file, output=output)
    size = f"{made.width} x {made.height}"
    text = f"{written}: {size}, {made.camera}, white from {made.white_balance}"
    console.print(shown(text), soft_wrap=True)
