"""A signature is right for one request, however its URL is written."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.delivery.edges import Delivery, Refused, Request, at_the_edge, by_the_contracts
from tests.unit.delivery.hostile_urls import paths, queries, signed_requests

from safelight_contracts.delivery.request_urls import split_url

DELIVERY = Delivery()
Change = Callable[[Request], Request]


def _pairs(request: Request) -> list[str]:
    return request.query.split("&")


def _reordered(request: Request) -> Request:
    return replace(request, query="&".join(reversed(_pairs(request))))


def _encoded(request: Request) -> Request:
    """Encode letters that need no encoding."""
    return replace(
        request, path=request.path.replace("a", "%61"), query=request.query.replace("e", "%65").replace("1", "%31")
    )


def _encoded_twice(request: Request) -> Request:
    return replace(request, path=quote(request.path, safe="/"))


def _repeated(request: Request) -> Request:
    return replace(request, query=f"{request.query}&{_pairs(request)[0]}")


def _repeated_encoded(request: Request) -> Request:
    name, _, value = _pairs(request)[0].partition("=")
    return replace(request, query=f"{request.query}&%{ord(name[0]):02X}{name[1:]}={value}")


def _nested(request: Request) -> Request:
    """Put a parameter into the value of the one before it."""
    return replace(request, query=request.query.replace("&", "%26", 1))


def _unnested(request: Request) -> Request:
    return replace(request, path=request.path.replace("%26", "&"), query=request.query.replace("%26", "&"))


def _moved_to_the_path(request: Request) -> Request:
    signature = split_url(request.path, request.query).signature
    pairs = (pair for pair in _pairs(request) if not pair.startswith("signature="))
    return replace(request, path=f"/{signature}{request.path}", query="&".join(pairs))


def _moved_to_the_query(request: Request) -> Request:
    signature = split_url(request.path, request.query).signature
    path = request.path.removeprefix(f"/{signature}")
    return replace(request, path=path, query=f"{request.query}&signature={signature}")


def _moved_behind_unsafe(request: Request) -> Request:
    moved = _moved_to_the_query(request)
    return replace(moved, path=f"/unsafe{moved.path}")


def _with_slash_encoded(request: Request) -> Request:
    return replace(request, path=request.path[0] + request.path[1:].replace("/", "%2F", 1))


def _with_a_shorter_path(request: Request) -> Request:
    return replace(request, path=request.path[:-1])


def _with_query_in_the_path(request: Request) -> Request:
    return replace(request, path=f"{request.path}%3F{_pairs(request)[0]}", query="&".join(_pairs(request)[1:]))


def _until_later(request: Request) -> Request:
    return replace(request, query=request.query.replace("expires=1", "expires=4102444800"))


def _without_expiry(request: Request) -> Request:
    return replace(request, query="&".join(pair for pair in _pairs(request) if not pair.startswith("expires=")))


def _by_the_other_key(request: Request) -> Request:
    return replace(request, query=request.query.replace("kid=key-1", "kid=key-2"))


changes: st.SearchStrategy[Change] = st.sampled_from(
    [
        _reordered,
        _encoded,
        _encoded_twice,
        _repeated,
        _repeated_encoded,
        _nested,
        _unnested,
        _moved_to_the_path,
        _moved_to_the_query,
        _moved_behind_unsafe,
        _with_slash_encoded,
        _with_a_shorter_path,
        _with_query_in_the_path,
        _until_later,
        _without_expiry,
        _by_the_other_key,
    ]
)


@given(request=signed_requests(DELIVERY), change=changes)
@settings(max_examples=200, deadline=None)
def test_a_changed_url_is_refused_or_is_the_same_request(request: Request, change: Change) -> None:
    changed = change(request)
    answer = at_the_edge(changed, DELIVERY)
    assert answer == by_the_contracts(changed, DELIVERY)
    if not isinstance(answer, Refused) and split_url(changed.path, changed.query).signature is not None:
        assert split_url(changed.path, changed.query) == split_url(request.path, request.query)


@given(request=signed_requests(DELIVERY), path=paths, query=queries)
@settings(max_examples=100, deadline=None)
def test_a_signature_does_not_fit_another_url(request: Request, path: str, query: str) -> None:
    signed = split_url(request.path, request.query)
    assume("signature" not in query and "kid" not in query)
    other = Request(path=path, query=f"{query}&kid={signed.key_id}&signature={signed.signature}")
    answer = at_the_edge(other, DELIVERY)
    assert answer == by_the_contracts(other, DELIVERY)
    assert isinstance(answer, Refused) or split_url(other.path, other.query) == signed
