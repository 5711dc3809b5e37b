"""What a workflow sends to its steps."""

from typing import Any

EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:images:first"
BUCKET = "uploads"


def event_for(
    key: str = "p1/a.jpg",
    *,
    size: int = 100,
    etag: str = "e1",
    sequencer: str = "0A",
    execution: str = EXECUTION,
    bucket: str = BUCKET,
) -> dict[str, Any]:
    """Make the event that every step gets."""
    return {
        "image": {"bucket": bucket, "key": key, "size": size, "etag": etag, "sequencer": sequencer},
        "execution": execution,
    }
