"""Headers that CloudFront keeps from functions of viewer requests.

ministack shows all headers to a function, and takes all from it. CloudFront hides some, and answers 502 if a function
adds one of them to a request or a response. See "Restrictions on all edge functions" in the developer guide of
CloudFront.

Headers that AWS lets a function read and not change, such as ``host``, can be changed here.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

# An event, or the result of a function.
Properties = dict[str, Any]

_DISALLOWED = re.compile(
    "connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade"
    "|x-accel-(buffering|charset|limit-rate|redirect)|x-amz-cf-.*|x-amzn-(auth|cf-billing|cf-id|cf-xff|errortype)"
    "|x-amzn-(fle-profile|header-count|header-order|lambda-integration-tag|requestid)|x-cache|x-edge-.*"
    "|x-forwarded-proto|x-real-ip",
    re.IGNORECASE,
)


def apply() -> None:
    """Patch the run of a function."""
    from ministack.services import cloudfront

    cloudfront._run_function = with_allowed_headers(cloudfront._run_function)


def with_allowed_headers(
    run: Callable[[str, Properties], Awaitable[Any]],
) -> Callable[[str, Properties], Awaitable[Any]]:
    """Wrap ministack's run of a function so that it neither sees nor adds a header that CloudFront keeps for itself.

    `run`: ``ministack.services.cloudfront._run_function``.
    """

    async def run_with_allowed_headers(arn: str, event: Properties) -> Any:
        if event["context"]["eventType"] != "viewer-request":
            return await run(arn, event)
        request = event["request"]
        shown = {name: it for name, it in request["headers"].items() if not _DISALLOWED.fullmatch(name)}
        result = await run(arn, event | {"request": request | {"headers": shown}})
        added = [name for name in (result or {}).get("headers") or {} if _DISALLOWED.fullmatch(name)]
        if added:
            return {"statusCode": 502, "body": f"The function may not add the headers {', '.join(added)}."}
        return result

    return run_with_allowed_headers
