"""Plans of requests, as the maker reads them."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from deliverykit.plans import plan_of
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.settings import DeliverySettings, Signing, Source

SETTINGS = DeliverySettings(
    scope="cdn",
    sources=(Source(bucket="photos", prefix="public/"), Source(bucket="marks")),
    results_bucket="results",
    presets={
        "card": {"width": "300", "height": "200", "fit": "cover", "focus": "faces"},
        "icon": {"width": "32", "fit": "inside", "format": "webp"},
    },
    sizes=((300, 200), (640, None)),
    dialect=Dialect.SIH,
    signing=Signing.OPTIONAL,
    is_open=False,
    keys_secret=None,
    has_edge=False,
)


def encoded_document(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def document_url(document: Mapping[str, Any]) -> RequestUrl:
    return split_url(f"/{encoded_document({'key': 'public/photo.jpg', **document})}", "")


def query_plan(query: str, *, settings: DeliverySettings = SETTINGS) -> ImagePlan:
    return plan_of(split_url("/public/photo.jpg", query), settings=settings)


def document_plan(document: Mapping[str, Any]) -> ImagePlan:
    return plan_of(document_url(document), settings=SETTINGS)


def edits_plan(**edits: Any) -> ImagePlan:
    return document_plan({"edits": edits})


def path_plan(path: str, *, dialect: Dialect = Dialect.SIH) -> ImagePlan:
    return plan_of(split_url(f"/unsafe/{path}/public/photo.jpg", ""), settings=settings_with(dialect=dialect))


def filters_plan(filters: str, *, dialect: Dialect = Dialect.SIH) -> ImagePlan:
    return path_plan(f"filters:{filters}", dialect=dialect)


def settings_with(**changes: Any) -> DeliverySettings:
    return DeliverySettings(**{**vars(SETTINGS), **changes})


@contextmanager
def refused(refusal: Refusal, parameter: str | None) -> Iterator[None]:
    """Expect a refusal that names a parameter."""
    with pytest.raises(RequestRefusedError) as caught:
        yield
    assert (caught.value.refusal, caught.value.parameter) == (refusal, parameter), caught.value.message
