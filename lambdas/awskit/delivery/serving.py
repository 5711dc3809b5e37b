"""Answer a request for an image: permitted, made once, and with the status that is true."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from awskit.delivery.answers import HttpAnswer, fallback_answer, image_answer, redirect, refusal_answer
from awskit.delivery.budget import Budget
from awskit.delivery.failures import failures_as_refusals, log_refusal
from awskit.delivery.making import Maker
from awskit.delivery.permissions import Asked, asked_of, is_of_another_edge
from awskit.delivery.requests import ImageRequest, is_head, parse_request
from awskit.delivery.sources import open_source, read_source
from awskit.delivery.stored_results import Result, temporary_url
from awskit.logs import logger
from imagekit.formats.registry import FORMATS
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.settings import MAX_ANSWER, UNREAD_RESULTS, DeliverySettings
from safelight_contracts.limits import Limits

# CloudFront finds a result as soon as it is stored. If it still asks, another redirect would be a loop.
_FOUND_SECONDS = 60
_NOT_KEPT = "no-store"

# The request is right, but there is no image.
_SHOW_FALLBACK = {404, 413, 415, 422, 500, 502, 503, 504}


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A delivery, as one request sees it.

    Parameters
    ----------
    settings
        Of the delivery.
    limits
        Of sources and overlays.
    budget
        Of the request.
    """

    settings: DeliverySettings
    limits: Limits
    budget: Budget

    def answer(self, event: Mapping[str, Any]) -> HttpAnswer:
        """Answer a request. Whatever goes wrong becomes an answer too.

        Parameters
        ----------
        event
            Payload 2.0 of a function URL.
        """
        request: ImageRequest | None = None
        try:
            with failures_as_refusals():
                request = parse_request(event, settings=self.settings)
                return self._image(request)
        except RequestRefusedError as refused:
            answer = self._refusal(refused, request=request, event=event)
            if request is not None and self._is_kept_elsewhere(refused, request=request):
                answer["headers"]["Cache-Control"] = _NOT_KEPT
            return answer

    def _image(self, request: ImageRequest) -> HttpAnswer:
        asked = asked_of(request, settings=self.settings, now=time.time())
        maker = Maker(asked=asked, limits=self.limits, budget=self.budget)
        # CloudFront has looked already.
        found = None if asked.is_looked_for else maker.stored()
        result = maker.made() if found is None else found
        if _is_of_cloudfront(asked, result=result) and result.age >= _FOUND_SECONDS:
            warn_unread(minute=int(time.time() // 60))
        if result.data is None:
            return redirect(self._location(asked, result=result))
        if asked.is_of_another_edge:
            # CloudFront would keep it under a key that means something else here.
            result = replace(result, cache_control=_NOT_KEPT)
        return image_answer(result, if_none_match=request.if_none_match, varies=asked.varies, is_head=request.is_head)

    def _location(self, asked: Asked, *, result: Result) -> str:
        """Return where a result is that is too large for an answer.

        It is the viewer's own URL if CloudFront will find the result there.
        """
        if _is_of_cloudfront(asked, result=result) and result.age < _FOUND_SECONDS:
            return asked.url.address.removesuffix("?")
        return temporary_url(result.key, bucket=self.settings.results_bucket, expires=asked.url.expires)

    def _refusal(
        self, refused: RequestRefusedError, *, request: ImageRequest | None, event: Mapping[str, Any]
    ) -> HttpAnswer:
        log_refusal(refused, event=event)
        if request is not None and request.shows_images and refused.refusal.status in _SHOW_FALLBACK:
            fallback = self._fallback()
            if fallback is not None:
                data, content_type = fallback
                return fallback_answer(refused, data=data, content_type=content_type, is_head=is_head(event))
        return refusal_answer(refused, event=event)

    def _is_kept_elsewhere(self, refused: RequestRefusedError, *, request: ImageRequest) -> bool:
        """Return whether CloudFront would keep a refusal under a key that means something else here."""
        return refused.refusal.cache_control != _NOT_KEPT and is_of_another_edge(request, settings=self.settings)

    def _fallback(self) -> tuple[bytes, str] | None:
        """Return the fallback image as it is, and its content type. ``None`` if there is none that can be sent."""
        key = self.settings.fallback_key
        if key is None:
            return None
        try:
            source = open_source(bucket=self.settings.sources[0].bucket, key=key, settings=self.settings)
            # Each failure reads it, so it is not read to find out that it is too large to be sent.
            image = read_source(source, limits=replace(self.limits, max_bytes=min(self.limits.max_bytes, MAX_ANSWER)))
        except Exception:
            logger().exception("The fallback image cannot be read")
            return None
        return image.data, FORMATS[image.header.type].content_type


def _is_of_cloudfront(asked: Asked, *, result: Result) -> bool:
    """Say whether CloudFront looks for the result where it is."""
    return asked.is_looked_for and result.key == asked.key


@lru_cache(maxsize=1)
def warn_unread(*, minute: int) -> None:
    """Warn, once a minute, that CloudFront asks for what is stored.

    Without this, nobody would notice a missing permission: viewers get their images, each from the function.

    Parameters
    ----------
    minute
        Since 1970.
    """
    logger().warning(
        "CloudFront asks for results that are stored. Check that the policy of the results bucket and the policy of "
        "its key let the distribution read them.",
        warning=UNREAD_RESULTS,
        minute=minute,
    )
