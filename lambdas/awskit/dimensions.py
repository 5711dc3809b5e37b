"""The verdict on an image's type and dimensions, based on its header alone."""

from collections.abc import Collection

from awskit.steps import Answer, accepted, rejected
from imagekit.formats.header import Header
from imagekit.rejection import ImageFault
from safelight_contracts.image_types import ImageType


def answer_header(header: Header, *, min_pixels: int, allowed_types: Collection[ImageType]) -> Answer:
    """Return whether an image has an allowed type and is large enough, as displayed.

    `allowed_types`: the accepted types. If both the type and the size are wrong, the reason names the type.

    Returns `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"}}`.
    """
    dimensions = {"width": header.width, "height": header.height, "type": str(header.type)}
    if header.type not in allowed_types:
        detail = {"type": str(header.type), "allowedTypes": sorted(allowed_types)}
        return rejected(ImageFault.UNSUPPORTED_TYPE, detail=detail) | {"dimensions": dimensions}
    if min(header.width, header.height) < min_pixels:
        size = {"width": header.width, "height": header.height, "minPixels": min_pixels}
        return rejected(ImageFault.IMAGE_TOO_SMALL, detail=size) | {"dimensions": dimensions}
    return accepted(detail={}) | {"dimensions": dimensions}
