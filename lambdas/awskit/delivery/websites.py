"""Answer requests that a website of S3 redirects here, because it does not have an image in a size."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from awskit.delivery.answers import HttpAnswer, image_answer, redirect, refusal_answer
from awskit.delivery.budget import Budget
from awskit.delivery.failures import failures_as_refusals, log_refusal
from awskit.delivery.making import Maker
from awskit.delivery.permissions import Asked
from awskit.delivery.requests import ImageRequest, parse_request
from awskit.delivery.stored_results import Result, temporary_url
from deliverykit.permissions import check_permitted, check_source
from deliverykit.plans import plan_of
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.refusals import RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, encoded
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.websites import Size, sized_key, split_resize_query
from safelight_contracts.limits import Limits

# What the sample of AWS does: exactly this size, whatever the source's.
_FIT = ("fit", "crop")


@dataclass(frozen=True, kw_only=True)
class AskedSize(Asked):
    """An image in a permitted size. Its key is what the website shows."""

    size: Size

    @property
    def key(self) -> str:
        """The key of the result."""
        return sized_key(self.size, self.url.key)


@dataclass(frozen=True, kw_only=True)
class Website:
    """A website, as one request sees it.

    Parameters
    ----------
    url
        Where the results bucket is a website, without a slash at the end.
    settings
        The results bucket is the website's.
    limits
        Of sources.
    budget
        Of the request.
    """

    url: str
    settings: DeliverySettings
    limits: Limits
    budget: Budget

    def answer(self, event: Mapping[str, Any]) -> HttpAnswer:
        """Answer a request. Whatever goes wrong becomes an answer too.

        A viewer is redirected back only after this request has stored the image. Who comes here for an image that is
        stored gets it from here, so that no chain of redirects is longer than two.

        Parameters
        ----------
        event
            Payload 2.0 of an HTTP API.
        """
        try:
            with failures_as_refusals():
                request = parse_request(event, settings=self.settings)
                asked = asked_size_of(request, settings=self.settings)
                maker = Maker(asked=asked, limits=self.limits, budget=self.budget)
                found = maker.stored()
                if found is not None:
                    return self._stored(found, request=request)
                maker.made()
                return redirect(f"{self.url}/{quote(asked.key, safe='/')}")
        except RequestRefusedError as refused:
            log_refusal(refused, event=event)
            return refusal_answer(refused, event=event)

    def _stored(self, found: Result, *, request: ImageRequest) -> HttpAnswer:
        if found.data is None:
            # S3's own endpoint, which never redirects.
            return redirect(temporary_url(found.key, bucket=self.settings.results_bucket))
        return image_answer(found, if_none_match=request.if_none_match, varies=False, is_head=request.is_head)


def asked_size_of(request: ImageRequest, *, settings: DeliverySettings) -> AskedSize:
    """Return what a request asks for.

    S3 stores one image for all viewers, so its type is JPEG, or PNG for a picture with transparency.

    Raises
    ------
    RequestRefusedError
        If the query is malformed, or the size or the source is not permitted.
    """
    size, key = split_resize_query(request.query)
    sides = zip(("width", "height"), size, strict=True)
    url = RequestUrl(
        form=Form.QUERY,
        bucket=None,
        key=key,
        parameters=(_FIT, *((name, str(side)) for name, side in sides if side is not None)),
        version=None,
        key_id=None,
        expires=None,
        signature=None,
        path=f"/{encoded(key)}",
        query="",
    )
    with _refused_as("This key is not permitted."):
        source = check_source(url, settings=settings)
    plan = plan_of(url, settings=settings)
    with _refused_as("This size is not permitted."):
        check_permitted(plan, url=url, settings=settings)
    return AskedSize(
        url=url,
        bucket=source.bucket,
        plan=plan,
        accepted=AcceptedType.PLAIN,
        settings=settings,
        # No edge function is in front of a website.
        asked_key=None,
        size=size,
    )


@contextmanager
def _refused_as(message: str) -> Iterator[None]:
    """Give a refusal another message: a website has no presets, no signatures and one source."""
    try:
        yield
    except RequestRefusedError as refused:
        raise RequestRefusedError(refused.refusal, message) from refused
