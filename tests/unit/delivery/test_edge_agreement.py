"""The edge function does what the contracts say, whatever a viewer sends."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.delivery.edges import Delivery, Forwarded, Request, all_at_the_edge, by_the_contracts
from tests.unit.delivery.hostile_urls import requests, signed_requests

from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.settings import Signing

DELIVERY = Delivery()
several_requests = st.lists(requests, min_size=1, max_size=10)
several_signed_requests = st.lists(signed_requests(DELIVERY), min_size=1, max_size=5)
signings = st.sampled_from(list(Signing))


@given(given_requests=several_requests | several_signed_requests, signing=signings)
@settings(max_examples=100, deadline=None)
def test_the_edge_and_the_contracts_agree(given_requests: Sequence[Request], signing: Signing) -> None:
    delivery = Delivery(signing=signing)
    assert all_at_the_edge(given_requests, delivery) == [
        by_the_contracts(request, delivery) for request in given_requests
    ]


@given(given_requests=several_requests | several_signed_requests)
@settings(max_examples=50, deadline=None)
def test_the_address_that_the_edge_sends_on_is_the_same_request(given_requests: Sequence[Request]) -> None:
    for request, sent in zip(given_requests, all_at_the_edge(given_requests, DELIVERY), strict=True):
        if isinstance(sent, Forwarded):
            path, _, query = sent.address.partition("?")
            url = split_url(path, query)
            assert url.address == sent.address
            assert url == split_url(request.path, request.query)
