"""The task that a worker performs for image delivery. Results are plain values and bytes."""

from typing import Any

import pyvips
from PIL import Image

# Before the worker forks.
import imagekit.sandbox.decoders  # noqa: F401
from imagekit.decoding.limits import inspect
from imagekit.formats.header import Header
from imagekit.geometry import Size
from imagekit.operations.delivered import EncodedImage
from imagekit.operations.make import make_image
from imagekit.operations.opening import opened_smaller
from imagekit.rendering.encode import encode
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits

_NO_MEMORY = "out of memory"
_DELIVERED_FROM = (ImageType.JPEG, ImageType.PNG, ImageType.WEBP)


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


def _prepare() -> None:
    """Let libvips and pyvips set up here what each child would otherwise set up again.

    No picture is computed. libvips would start threads for it, which a forked child does not have but waits for.
    """
    picture = Image.new("RGB", (32, 32))
    for image_type in _DELIVERED_FROM:
        data = encode(picture, image_type=image_type, effort=0)
        source = EncodedImage(data=data, header=inspect(data, limits=Limits()))
        opened_smaller(source, size=Size(width=8, height=8), is_checked=False)


_prepare()
