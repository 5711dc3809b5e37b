"""Requests of viewers, as the function URL hands them over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from safelight_contracts.delivery.accept import AcceptedType, accepted_type
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.settings import ACCEPTS_HEADER, URL_HEADER, DeliverySettings

METHODS = ("GET", "HEAD")
"""The methods that are answered here. The edge function answers ``OPTIONS``, and without it no other site asks."""


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """A request for an image.

    Parameters
    ----------
    path, query
        The viewer's URL, still encoded.
    asked_key
        The result key that the edge function computed. ``None`` without CloudFront.
    accepted
        What the viewer accepts.
    if_none_match
        ETags that the viewer has, as the header gives them. ``None`` if there are none.
    is_head
        Whether the viewer wants no body.
    shows_images
        Whether an image may be the answer to a failure. CloudFront does not say what else the viewer accepts.
    """

    path: str
    query: str
    asked_key: str | None
    accepted: AcceptedType
    if_none_match: str | None
    is_head: bool
    shows_images: bool


def parse_request(event: Mapping[str, Any], *, settings: DeliverySettings) -> ImageRequest:
    """Read a request.

    Parameters
    ----------
    event
        Payload 2.0 of a function URL.
    settings
        Whether CloudFront stands before the function.

    Raises
    ------
    RequestRefusedError
        `METHOD_NOT_ALLOWED`. `NOT_PERMITTED` if the request did not come through the edge function.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    method = event["requestContext"]["http"]["method"]
    if method not in METHODS:
        raise RequestRefusedError(Refusal.METHOD_NOT_ALLOWED, f"Use {' or '.join(METHODS)}.")
    path, query, asked_key = event["rawPath"], event.get("rawQueryString", ""), None
    if settings.has_edge:
        if URL_HEADER not in headers:
            raise RequestRefusedError(Refusal.NOT_PERMITTED, "Send the request to the distribution.")
        asked_key = path.removeprefix("/")
        path, _, query = headers[URL_HEADER].partition("?")
    return ImageRequest(
        path=path,
        query=query,
        asked_key=asked_key,
        accepted=_accepted(headers, settings=settings),
        if_none_match=headers.get("if-none-match"),
        is_head=is_head(event),
        shows_images=settings.has_edge or _shows_images(headers.get("accept", "*/*")),
    )


def is_head(event: Mapping[str, Any]) -> bool:
    """Return whether the viewer wants no body."""
    return bool(event["requestContext"]["http"]["method"] == "HEAD")


def _accepted(headers: Mapping[str, str], *, settings: DeliverySettings) -> AcceptedType:
    if not settings.has_edge:
        return accepted_type(headers.get("accept", ""))
    try:
        return AcceptedType(headers.get(ACCEPTS_HEADER, AcceptedType.PLAIN))
    except ValueError:
        return AcceptedType.PLAIN


def _shows_images(accept: str) -> bool:
    return any(item.strip().lower().startswith(("image/", "*/*")) for item in accept.split(","))
