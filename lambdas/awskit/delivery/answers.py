"""Answers to viewers, as a function URL takes them."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from awskit.delivery.requests import METHODS, is_head
from awskit.delivery.stored_results import Result
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError

_OK, _FOUND, _NOT_MODIFIED = 200, 302, 304
_RETRY_SECONDS = 1

# For every answer. An image from anybody must not run as a page on this domain.
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}

HttpAnswer = dict[str, Any]


def image_answer(result: Result, *, if_none_match: str | None, varies: bool, is_head: bool) -> HttpAnswer:
    """Answer with an image, or with 304 if the viewer has it.

    Parameters
    ----------
    result
        With its data.
    if_none_match
        ETags that the viewer has.
    varies
        Whether the type was chosen by ``Accept``.
    is_head
        Whether to leave out the body.
    """
    headers = {"Content-Type": result.content_type, "Cache-Control": result.cache_control, "ETag": result.etag}
    headers |= {**result.headers, **_SAFE}
    if varies:
        headers["Vary"] = "Accept"
    if if_none_match is not None and _matches(if_none_match, etag=result.etag):
        del headers["Content-Type"]
        return {"statusCode": _NOT_MODIFIED, "headers": headers}
    return _with_body(_OK, headers=headers, data=result.data or b"", is_head=is_head)


def redirect(location: str) -> HttpAnswer:
    """Send the viewer to where a large result is. Nobody may keep this answer: it would become a loop."""
    return {"statusCode": _FOUND, "headers": {"Location": location, "Cache-Control": "private, no-store", **_SAFE}}


def refusal_answer(refused: RequestRefusedError, *, event: Mapping[str, Any]) -> HttpAnswer:
    """Answer with what is wrong with a request."""
    request_id = event["requestContext"]["requestId"]
    body = {"error": refused.refusal, "message": refused.message, "requestId": request_id}
    if refused.parameter is not None:
        body["parameter"] = refused.parameter
    headers = _refusal_headers(refused) | {"Content-Type": "application/json"}
    return _with_body(refused.refusal.status, headers=headers, data=json.dumps(body).encode(), is_head=is_head(event))


def fallback_answer(refused: RequestRefusedError, *, data: bytes, content_type: str, is_head: bool) -> HttpAnswer:
    """Answer with the fallback image, but with the status of the failure and as long in caches."""
    headers = _refusal_headers(refused) | {"Content-Type": content_type}
    return _with_body(refused.refusal.status, headers=headers, data=data, is_head=is_head)


def _refusal_headers(refused: RequestRefusedError) -> dict[str, str]:
    headers = {"Cache-Control": refused.refusal.cache_control, **_SAFE}
    match refused.refusal:
        case Refusal.BUSY:
            headers["Retry-After"] = str(_RETRY_SECONDS)
        case Refusal.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(METHODS)
    return headers


def _with_body(status: int, *, headers: Mapping[str, str], data: bytes, is_head: bool) -> HttpAnswer:
    answer = {"statusCode": status, "headers": dict(headers)}
    if is_head:
        return answer
    return answer | {"body": base64.b64encode(data).decode(), "isBase64Encoded": True}


def _matches(if_none_match: str, *, etag: str) -> bool:
    """Compare weakly: RFC 9110, section 13.1.2."""
    given = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in given or etag.removeprefix("W/") in given
