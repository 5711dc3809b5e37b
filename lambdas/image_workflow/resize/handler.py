"""Entry point of the step that makes renditions in workflows whose routes are not data."""

from functools import partial
from typing import Any

from awskit.rendering import write_renditions
from awskit.steps import Answer, perform_step
from imagekit.sandbox.images import worker

# Started on import, so that a snapshot of the function contains it, and it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make all renditions of an image.

    `event`: `{"image", "execution", "redrives"}`.

    Returns the answer of `awskit.rendering.write_renditions`. Raises RejectedImage if the image is at fault.
    """
    return perform_step(event, step=partial(write_renditions, names=None))
