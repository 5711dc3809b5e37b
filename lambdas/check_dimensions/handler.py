"""Entry point of the check on type and dimensions."""

import os
from typing import Any

from awskit.objects import inspect_upload
from awskit.settings import limits
from awskit.steps import Answer, accepted, answer_check, rejected
from awskit.uploads import Upload
from imagekit.image_type import ImageType
from imagekit.rejection import ImageFault


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Answer whether an image is of an allowed type and large enough, as it is displayed.

    Parameters
    ----------
    event
        `{"image", "execution"}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"} | None}`.
    """
    return {"dimensions": None, **answer_check(event, check=_check)}


def _check(upload: Upload) -> Answer:
    min_pixels = int(os.environ["MIN_PIXELS"])
    allowed_types = {ImageType(name.strip()) for name in os.environ["ALLOWED_TYPES"].split(",")}
    header = inspect_upload(upload, limits=limits())
    dimensions = {"width": header.width, "height": header.height, "type": str(header.type)}
    if header.type not in allowed_types:
        detail = {"type": str(header.type), "allowedTypes": sorted(allowed_types)}
        return rejected(ImageFault.UNSUPPORTED_TYPE, detail=detail) | {"dimensions": dimensions}
    if min(header.width, header.height) < min_pixels:
        size = {"width": header.width, "height": header.height, "minPixels": min_pixels}
        return rejected(ImageFault.IMAGE_TOO_SMALL, detail=size) | {"dimensions": dimensions}
    return accepted(detail={}) | {"dimensions": dimensions}
