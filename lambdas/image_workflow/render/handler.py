"""Entry point of the step that makes renditions in workflows whose routes are data."""

from typing import Any

from awskit.rendering import write_renditions
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload
from imagekit.sandbox.images import worker

# Started on import, so that a snapshot of the function contains it, and it starts while Lambda does its next work.
worker.start()


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make the renditions that an image's route names.

    `event`: `{"image", "execution", "redrives", "render": {"renditions": [name]}}`. `renditions` names the renditions
    to make. Default: all.

    Returns the answer of `awskit.rendering.write_renditions`. Raises RejectedImage if the image is at fault.
    """

    def render(upload: Upload) -> Answer:
        return write_renditions(upload, names=event["render"].get("renditions"))

    return perform_step(event, step=render)
