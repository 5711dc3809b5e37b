"""The tasks that a worker performs for redaction. Results are plain values and bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyvips

# Imports the decoders before the worker forks.
import imagekit.sandbox.image_tasks  # noqa: F401
from imagekit.formats.header import Header
from imagekit.operations.delivered import EncodedImage
from imagekit.redaction.detection_pictures import detection_pictures
from imagekit.redaction.make import redact_image

_NO_MEMORY = "out of memory"


def redact(data: bytes, *, header: Header, **arguments: Any) -> tuple[dict[str, object], list[bytes]]:
    """Make a redacted image: its type, width and height, and the file. Other arguments as for `redact_image`."""
    with _out_of_memory():
        made = redact_image(EncodedImage(data=data, header=header), **arguments)
    return {"type": made.type, "width": made.width, "height": made.height}, [made.data]


def show(data: bytes, *, header: Header, **arguments: Any) -> tuple[list[int], list[bytes]]:
    """Make the pictures that a detector sees: the number of the place of each, and the files.

    Other arguments as for `detection_pictures`.
    """
    with _out_of_memory():
        pictures = detection_pictures(EncodedImage(data=data, header=header), **arguments)
    return [number for number, _ in pictures], [file for _, file in pictures]


@contextmanager
def _out_of_memory() -> Iterator[None]:
    try:
        yield
    except pyvips.Error as error:
        # libvips has no other way to say it. Anything else that it says after decoding is a bug.
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise
