"""Origin groups of CloudFront.

ministack stores origin groups and answers 502 to every request for one. Here the request goes to the first origin. It
goes to the second one if the first answers with a status of the group's criteria, cannot be reached, or times out.
CloudFront does so for GET, HEAD and OPTIONS only. See "Optimize high availability with CloudFront origin failover" in
the developer guide of CloudFront.

The selection criterion ``media-quality-based`` is ignored.
"""

from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any
from xml.etree.ElementTree import Element

# An origin, or a distribution's configuration, as ministack's data plane reads it.
Properties = dict[str, Any]
# Status, reason, headers and body.
Answer = tuple[int, str, dict[str, Any], bytes]

_FAILING_OVER = {"GET", "HEAD", "OPTIONS"}
_FALLBACK = "fallback"


def apply() -> None:
    """Patch the data plane of CloudFront."""
    from ministack.services import cloudfront

    cloudfront.parse_distribution_dataplane_config = with_groups(cloudfront)
    cloudfront._fetch_from_origin = with_failover(cloudfront)


def with_groups(cloudfront: ModuleType) -> Callable[[Properties], Properties]:
    """Wrap ministack's reader of a distribution so that its origins include the groups.

    `cloudfront`: ``ministack.services.cloudfront``.

    A group is its first origin, together with its second one and the statuses that lead to it.
    """
    parse: Callable[[Properties], Properties] = cloudfront.parse_distribution_dataplane_config

    def parse_with_groups(distribution: Properties) -> Properties:
        parsed = parse(distribution)
        origins = parsed["origins"]
        for group in _items(cloudfront, cloudfront._dist_config_el(distribution), "OriginGroups"):
            first, second = (cloudfront._text(it, "OriginId") for it in _items(cloudfront, group, "Members"))
            criteria = cloudfront._find(group, "FailoverCriteria")
            statuses = {int(it.text or 0) for it in _items(cloudfront, criteria, "StatusCodes")}
            fallback = {"origin": origins[second], "statuses": statuses}
            origins[cloudfront._text(group, "Id")] = {**origins[first], _FALLBACK: fallback}
        return parsed

    return parse_with_groups


def with_failover(cloudfront: ModuleType) -> Callable[..., Awaitable[Answer]]:
    """Wrap ministack's fetch from an origin so that a group's second origin is asked when the first one fails.

    `cloudfront`: ``ministack.services.cloudfront``.
    """
    fetch: Callable[..., Awaitable[Answer]] = cloudfront._fetch_from_origin

    async def fetch_or_fail_over(origin: Properties, method: str, *request: object) -> Answer:
        fallback = origin.get(_FALLBACK) if method in _FAILING_OVER else None
        if fallback is None:
            return await fetch(origin, method, *request)
        try:
            answer = await fetch(origin, method, *request)
        except (cloudfront.OriginTimeout, cloudfront.OriginUnreachable):
            return await fetch(fallback["origin"], method, *request)
        return await fetch(fallback["origin"], method, *request) if answer[0] in fallback["statuses"] else answer

    return fetch_or_fail_over


def _items(cloudfront: ModuleType, parent: Element | None, tag: str) -> Iterator[Element]:
    """Iterate over the ``Items`` of an element."""
    listed = cloudfront._find(parent, tag) if parent is not None else None
    items = cloudfront._find(listed, "Items") if listed is not None else None
    yield from items if items is not None else ()
