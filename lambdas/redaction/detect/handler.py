"""Entry point of the function that looks for faces in a chunk of a video."""

from typing import Any

from awskit.redaction.video.detecting import detect_in_chunk
from awskit.redaction.video.steps import Answer, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Look for faces in a chunk, and write what was found.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None | {"reason", "detail"}}`.
    """
    return perform(event, step=detect_in_chunk)
