"""The edge function does what the contracts say, whatever a viewer sends."""

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.delivery.edges import Delivery, Forwarded, Request, all_at_the_edge, by_the_contracts
from tests.unit.delivery.hostile_urls import requests, signed_requests

from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.settings import Signing

DELIVERY = Delivery()
SIGNATURE = "A" * 43
AVIF_WEBP = "image/webp;q=0.9, image/avif;q=0.9"
HANDPICKED = [
    *(
        Request(path="/a.jpg", accept=accept)
        for accept in (AVIF_WEBP, "image/jpeg, image/webp", "image/avif, image/png")
    ),
    *(Request(path=f"/photos/{character}.jpg", query=f"a={character}") for character in "!*'()~,:@$&+;=|"),
    *(Request(path=f"/{first}/a.jpg", query=f"signature={SIGNATURE}") for first in ("unsafe", SIGNATURE)),
    *(Request(path="/a.jpg", query=query) for query in ("kid=1", "expires=4102444800", "kid=1&expires=1")),
    *(Request(path=f"/{'%C3%A9' * 512}{end}") for end in ("", "a")),
    *(Request(path="/a.jpg", query=f"a={',' * length}") for length in (2727, 2728)),
    *(Request(path="/a.jpg", query="&".join(f"p{number}=1" for number in range(count))) for count in (32, 33)),
    *(
        Request(path="/a.jpg", query="&".join([*["a=1"] * count, "%zz=1", end]))
        for count in (31, 32)
        for end in ("", "=")
    ),
    *(Request(path="/" + "/".join("a" * count)) for count in (512, 513, 600, 601)),
    *(Request(path="/" + "/".join([*"a" * count, "%zz"])) for count in (599, 600)),
    *(
        Request(path="/" + base64.b64encode(b'{"key":"a.jpg","edits":{"n":"%s"}}' % (b"a" * count)).decode())
        for count in (3037, 3038, 3039, 3040, 3041, 3042)
    ),
    # Base64 with a slash after 43 characters, valid and damaged, and what begins like it.
    *(
        Request(
            path="/" + base64.b64encode(b'{%b%b?.jpg"}' % (name, b"a" * (31 - len(name)))).decode().rstrip("=") + end
        )
        for name in (b'"key":"', b' "key":"', b'\n"key":"', b'\r"key":"', b'\t"key":"', b'"key";"')
        for end in ("", "AAAA", "/", "/a", "%2Fa")
    ),
    *(
        Request(path=f"/{begin}{'A' * 40}{end}")
        for begin in ("eyJ", "ewo", "eyX")
        for end in ("", "/", "%2F", "/photo", "%2Fphoto", "/300x200/photo", "//photo", "/a.jpg", f"/{'a' * 4100}")
    ),
    *(Request(path=f"/filters:a(b{end}/c.jpg") for end in ("", ")", "/d)", "/d")),
]
several_requests = st.lists(requests, min_size=1, max_size=10)
several_signed_requests = st.lists(signed_requests(DELIVERY), min_size=1, max_size=5)
signings = st.sampled_from(list(Signing))


@pytest.mark.parametrize("signing", list(Signing))
def test_the_edge_and_the_contracts_agree_at_the_limits(signing: Signing) -> None:
    delivery = Delivery(signing=signing)
    assert all_at_the_edge(HANDPICKED, delivery) == [by_the_contracts(request, delivery) for request in HANDPICKED]


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
