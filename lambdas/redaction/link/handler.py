"""Entry point of the function that links faces over a whole video."""

from typing import Any

from awskit.redaction.video.linking import link_video
from awskit.redaction.video.steps import Answer, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Link what was found, and write what is covered in each chunk.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None | {"reason", "detail"}, "tracks"}`.
    """
    return perform(event, step=link_video)
