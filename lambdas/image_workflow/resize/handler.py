"""Entry point of the step that makes renditions, where routes are not data."""

from functools import partial
from typing import Any

from awskit.rendering import write_renditions
from awskit.steps import Answer, perform_step
from imagekit.confined import worker

# Here, so that a snapshot of the function has it, and that it starts while Lambda does what comes next.
worker.start()


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Make all renditions of an image.

    Parameters
    ----------
    event
        `{"image", "execution", "redrives"}`.
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
    return perform_step(event, step=partial(write_renditions, names=None))
