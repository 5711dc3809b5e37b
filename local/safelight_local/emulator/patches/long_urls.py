"""The longest URL that CloudFront takes.

ministack takes longer ones. CloudFront answers 413. See "Maximum length of a request and maximum length of a URL" in
the developer guide of CloudFront. The emulator counts the path and the query string.
"""

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

# Status, headers and body.
Answer = tuple[int, dict[str, Any], bytes]

LONGEST_URL = 8192
"""Bytes."""


def apply() -> None:
    """Patch the answer to viewers."""
    from ministack.services import cloudfront

    cloudfront.handle_viewer_request = limited(cloudfront)


def limited(cloudfront: ModuleType) -> Callable[..., Awaitable[Answer]]:
    """Wrap ministack's answer to viewers so that a longer URL is refused.

    `cloudfront`: ``ministack.services.cloudfront``.
    """
    handle: Callable[..., Awaitable[Answer]] = cloudfront.handle_viewer_request

    async def handle_limited(
        distribution: object, method: str, path: str, raw_path: str, raw_query: str, *more: object
    ) -> Answer:
        if len(raw_path) + len(raw_query) > LONGEST_URL:
            refused: Answer = cloudfront._cf_error_response(413, "Bad request.", "Error from cloudfront")
            return refused
        return await handle(distribution, method, path, raw_path, raw_query, *more)

    return handle_limited
