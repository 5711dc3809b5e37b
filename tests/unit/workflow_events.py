"""The events of a workflow's steps."""

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


def check_event(*, version_id: str | None = None, **check: Any) -> dict[str, Any]:
    """Make the event of a check in workflows with routes, with its settings and the analysis image."""
    analysis = {"bucket": "analysis", "key": "p1/a.webp/0A.jpg"}
    version = {} if version_id is None else {"versionId": version_id}
    return {**event_for("p1/a.webp"), "analysis": analysis | version, "check": check}
