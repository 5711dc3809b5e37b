"""Writes one line for each outcome. Replace the print with your own work."""

from typing import Any


def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001
    """Handle an event of Safelight. The same event can arrive twice."""
    detail = event["detail"]
    keys = [rendition["key"] for rendition in detail["renditions"]]
    print(detail["status"], detail["key"], detail["reason"], "published:", keys, "removed:", detail["removed"])
