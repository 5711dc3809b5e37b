"""Entry point of the function that validates and plans a video."""

from typing import Any

from awskit.redaction.video.probing import probe_video
from awskit.redaction.video.steps import Answer, perform


def handler(event: dict[str, Any], context: object) -> Answer:  # noqa: ARG001 - Lambda's signature
    """Validate a video, and write the plan of its chunks.

    `event`: see `awskit.redaction.video.steps.perform`.

    Returns `{"rejection": None | {"reason", "detail"}, "redacted", "chunks"}`.
    """
    return perform(event, step=probe_video)
