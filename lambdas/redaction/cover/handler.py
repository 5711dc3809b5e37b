"""Entry point of the function that covers the faces of a chunk of a video."""

from typing import Any

from awskit.redaction.video.covering import cover_chunk
from awskit.redaction.video.steps import Answer, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Cover what was linked, and write the encoded chunk.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None | {"reason", "detail"}}`.
    """
    return perform(event, step=cover_chunk)
