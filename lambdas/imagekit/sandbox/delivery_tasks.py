"""The task that a worker performs for image delivery. Results are plain values and bytes."""

from typing import Any

import pyvips

# Imports the decoders before the worker forks.
import imagekit.sandbox.image_tasks  # noqa: F401
from imagekit.formats.header import Header
from imagekit.operations.delivered import EncodedImage
from imagekit.operations.make import make_image
from safelight_contracts.delivery.refusals import RequestRefusedError

_NO_MEMORY = "out of memory"


def deliver(data: bytes, *, header: Header, **arguments: Any) -> tuple[dict[str, object], list[bytes]]:
    """Make an image: its type, width and height, and the file. Or what `RequestRefusedError` says.

    Other arguments as for `make_image`.
    """
    try:
        made = make_image(EncodedImage(data=data, header=header), **arguments)
    except RequestRefusedError as refused:
        return {"refusal": refused.refusal, "message": refused.message, "parameter": refused.parameter}, []
    except pyvips.Error as error:
        # libvips has no other way to say it. Anything else that it says after decoding is a bug.
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise
    return {"type": made.type, "width": made.width, "height": made.height}, [made.data]
