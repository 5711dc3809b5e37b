"""Entry point of the function that joins and publishes a redacted video."""

from typing import Any

from awskit.redaction.video.joining import join_video
from awskit.redaction.video.steps import Answer, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Join the chunks and the sound, validate the result, and write it to the destination.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None | {"reason", "detail"}, "key", "bytes", "frames"}`.
    """
    return perform(event, step=join_video)
