"""Entry point of the check of type and dimensions."""

from typing import Any

from awskit.dimensions import answer_header
from awskit.objects import inspect_upload
from awskit.settings import allowed_types, limits, min_pixels
from awskit.steps import Answer, answer_check
from awskit.uploads import Upload


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Return whether an image has an allowed type and is large enough, as displayed.

    `event`: `{"image", "execution"}`.

    Returns `{"accepted", "reason", "detail", "dimensions": {"width", "height", "type"} | None}`.
    """
    return {"dimensions": None, **answer_check(event, check=_check)}


def _check(upload: Upload) -> Answer:
    header = inspect_upload(upload, limits=limits())
    return answer_header(header, min_pixels=min_pixels(), allowed_types=allowed_types())
