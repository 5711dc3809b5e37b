"""A program that reads the invisible mark of an image file: ``python -m imagekit.watermarks.read_mark FILE``.

It prints one line of JSON: ``{"mark"}``, which is null if there is no mark, or ``{"rejected"}`` with the reason.
"""

import json
import sys
from pathlib import Path

from imagekit.decoding.color import in_color
from imagekit.decoding.decode import decode
from imagekit.decoding.limits import inspect
from imagekit.rejection import ImageRejected
from imagekit.watermarks.invisible import read_mark
from safelight_contracts.limits import Limits


def mark_of(data: bytes) -> str | None:
    """Read the invisible mark of an image.

    `data`: the whole file, of any type that `imagekit.decoding.decode` reads.

    Returns the mark. None if there is no mark. Raises ImageRejected if the image cannot be read, or is too large.
    """
    header = inspect(data, limits=Limits())
    return read_mark(in_color(decode(data, header=header).upright_picture()))


def _answer(file: Path) -> dict[str, str | None]:
    try:
        return {"mark": mark_of(file.read_bytes())}
    except ImageRejected as rejection:
        return {"rejected": str(rejection.reason)}


if __name__ == "__main__":
    print(json.dumps(_answer(Path(sys.argv[1]))))
