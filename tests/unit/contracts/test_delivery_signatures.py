"""Signatures of URLs, and until when they are valid."""

import hmac
from base64 import urlsafe_b64encode

import pytest

from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.settings import Signing
from safelight_contracts.delivery.signatures import check_signature, sign_url

SCOPE, SECRET = "a delivery", "s" * 32
KEYS = {"1": SECRET, "2": "t" * 32}
WITH_SIGNATURES = [Signing.OPTIONAL, Signing.REQUIRED]


def signed(path: str = "/a.jpg", query: str = "", *, expires: int | None = None, key_id: str = "1") -> RequestUrl:
    url = sign_url(path, query, scope=SCOPE, key_id=key_id, secret=SECRET, expires=expires)
    return split_url(*url.split("?"))


def check(url: RequestUrl, *, signing: Signing, scope: str = SCOPE, now: float = 1000) -> None:
    check_signature(url, scope=scope, signing=signing, keys=KEYS, now=now)


def refusal_of(url: RequestUrl, *, signing: Signing, scope: str = SCOPE, now: float = 1000) -> Refusal:
    with pytest.raises(RequestRefusedError) as caught:
        check(url, signing=signing, scope=scope, now=now)
    return caught.value.refusal


def test_a_signature_is_hmac_sha256_over_scheme_scope_and_canonical_url() -> None:
    message = b"safelight-1\na delivery\n/a%20b.jpg?kid=1&width=300"
    expected = urlsafe_b64encode(hmac.digest(SECRET.encode(), message, "sha256")).decode().rstrip("=")
    assert signed("/a%20b.jpg", "width=%3300").signature == expected


@pytest.mark.parametrize("signing", WITH_SIGNATURES)
@pytest.mark.parametrize("path", ["/a.jpg", "/unsafe/300x200/a.jpg", "/300x200/a.jpg", "/eyJrZXkiOiJhLmpwZyJ9"])
def test_a_signed_url_of_every_form_is_right(path: str, signing: Signing) -> None:
    check(signed(path, "v=7"), signing=signing)
    check(signed(path, expires=2000), signing=signing)


def test_a_signature_takes_the_place_of_unsafe() -> None:
    address = sign_url("/unsafe/300x200/a.jpg", "", scope=SCOPE, key_id="1", secret=SECRET)
    assert address.split("/")[1] == split_url(*address.split("?")).signature


def test_a_url_that_is_signed_already_is_not_signed_again() -> None:
    with pytest.raises(RequestRefusedError):
        sign_url("/a.jpg", "kid=1", scope=SCOPE, key_id="1", secret=SECRET)


@pytest.mark.parametrize("signing", list(Signing))
def test_a_signature_of_another_delivery_with_the_same_keys_is_wrong(signing: Signing) -> None:
    assert refusal_of(signed(), signing=signing, scope="another") is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize("signing", WITH_SIGNATURES)
@pytest.mark.parametrize("key_id", ["2", "3", "__proto__"])
def test_a_signature_by_another_or_an_unknown_key_is_wrong(key_id: str, signing: Signing) -> None:
    assert refusal_of(signed(key_id=key_id), signing=signing) is Refusal.BAD_SIGNATURE


def test_no_signature_is_right_where_signing_is_off() -> None:
    assert refusal_of(signed(), signing=Signing.OFF) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize("signing", list(Signing))
@pytest.mark.parametrize("query", ["kid=1", "expires=9999", "kid=1&expires=9999"])
def test_kid_and_expires_need_a_signature(query: str, signing: Signing) -> None:
    assert refusal_of(split_url("/a.jpg", query), signing=signing) is Refusal.BAD_SIGNATURE


def test_only_where_signing_is_required_a_url_without_a_signature_is_refused() -> None:
    unsigned = split_url("/a.jpg", "width=300")
    check(unsigned, signing=Signing.OFF)
    check(unsigned, signing=Signing.OPTIONAL)
    assert refusal_of(unsigned, signing=Signing.REQUIRED) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(("now", "is_valid"), [(1999.9, True), (2000.0, False), (2000.1, False)])
def test_a_url_is_valid_before_the_second_in_which_it_expires(now: float, *, is_valid: bool) -> None:
    url = signed(expires=2000)
    if is_valid:
        check(url, signing=Signing.OPTIONAL, now=now)
    else:
        assert refusal_of(url, signing=Signing.OPTIONAL, now=now) is Refusal.EXPIRED


def test_a_wrong_signature_is_not_told_that_it_expired() -> None:
    url = signed(expires=1, key_id="2")
    assert refusal_of(url, signing=Signing.OPTIONAL) is Refusal.BAD_SIGNATURE
