"""Entry point of the step that makes renditions, where routes are data."""

from typing import Any

from awskit.rendering import write_renditions
from awskit.steps import Answer, perform_step
from awskit.uploads import Upload
from imagekit.confined import worker

# Here, so that a snapshot of the function has it, and that it starts while Lambda does what comes next.
worker.start()


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make the renditions that an image's route names.

    Parameters
    ----------
    event
        `{"image", "execution", "redrives", "render": {"renditions": [name]}}`: those that are made. Left out: all.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        As `awskit.rendering.write_renditions` gives it.

    Raises
    ------
    RejectedImage
        When the image is at fault.
    """

    def render(upload: Upload) -> Answer:
        return write_renditions(upload, names=event["render"].get("renditions"))

    return perform_step(event, step=render)
