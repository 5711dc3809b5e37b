"""The verdict on an image's type and dimensions, by its header alone."""

from collections.abc import Collection

from awskit.steps import Answer, accepted, rejected
from imagekit.formats.header import Header
from imagekit.rejection import ImageFault
from safelight_contracts.image_types import ImageType


def answer_header(header: Header, *, min_pixels: int, allowed_types: Collection[ImageType]) -> Answer:
    """Answer whether an image is of an allowed type and large enough, as it is displayed.

    Parameters
    ----------
    header
        What the image's header says.
    min_pixels
        The least that its shorter side must have.
    allowed_types
        The types that are accepted. The wrong type is named even where the image is too small as well.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"}}`.
    """
    dimensions = {"width": header.width, "height": header.height, "type": str(header.type)}
    if header.type not in allowed_types:
        detail = {"type": str(header.type), "allowedTypes": sorted(allowed_types)}
        return rejected(ImageFault.UNSUPPORTED_TYPE, detail=detail) | {"dimensions": dimensions}
    if min(header.width, header.height) < min_pixels:
        size = {"width": header.width, "height": header.height, "minPixels": min_pixels}
        return rejected(ImageFault.IMAGE_TOO_SMALL, detail=size) | {"dimensions": dimensions}
    return accepted(detail={}) | {"dimensions": dimensions}
