"""Entry point of the step that makes renditions in workflows whose routes are data."""

from functools import partial
from typing import Any

from awskit.images.rendering import write_renditions
from awskit.redaction.finding import find_boxes
from awskit.settings import development, limits
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload
from imagekit.formats.header import Header
from imagekit.redaction.redacted import Cover
from imagekit.sandbox.images import worker
from imagekit.sandbox.redaction import opened_in_sandbox
from safelight_contracts.redaction.redact import Redact, redact_from_json

# Started on import, so that a snapshot of the function contains it, and it starts while Lambda does its next work.
worker.start()

MAX_PICTURES = 33
"""The most pictures that are searched for one kind of thing. Of three kinds, at 0.4 seconds a call of Rekognition, they
take 40 of the function's 60 seconds."""


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make the renditions that an image's route names.

    `event`: `{"image", "execution", "redrives", "render": {"renditions": [name], "redact"}}`. `renditions` names the
    renditions to make. Default: all. `redact` is what is covered in the image before they are made, from
    `safelight_contracts.redaction.redact.redact_to_json`. None covers nothing. Without `redact`, nobody knows what the
    route covers, so it is an error.

    Returns the answer of `awskit.images.rendering.write_renditions`. Raises RejectedImage if the image is at fault. If
    what is covered cannot be searched for, it raises the error of the search, and nothing is written.
    """
    described = event["render"]["redact"]
    find_cover = None if described is None else partial(_find_cover, redact=redact_from_json(described))

    def render(upload: Upload) -> Answer:
        return write_renditions(upload, names=event["render"].get("renditions"), find_cover=find_cover)

    return perform_step(event, step=render)


def _find_cover(data: bytes, header: Header, *, redact: Redact) -> Cover:
    with opened_in_sandbox(data, header=header, limits=limits(), development=development()) as image:
        boxes = find_boxes(image, redact=redact, max_pictures=MAX_PICTURES)
    return Cover(boxes=boxes, redact=redact)
