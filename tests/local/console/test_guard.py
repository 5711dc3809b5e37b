"""Requests that the console's server rejects by their headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_local.console.guard import Guard

GUARD = Guard(port=8000, token="a-token")
OWN = f"{GUARD.cookie}=a-token"
HEADERS = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_a_request_by_the_user_or_the_console_s_page_is_accepted(site: str) -> None:
    assert GUARD.refusal(HEADERS | {"sec-fetch-site": site}) is None


def test_a_request_without_an_origin_is_accepted() -> None:
    assert GUARD.refusal(HEADERS) is None


@given(st.sampled_from(["cross-site", "same-site", "", "None", "same-origin, cross-site"]) | st.text())
def test_a_request_from_any_other_site_is_rejected(site: str) -> None:
    is_own = site in ("none", "same-origin")
    assert (GUARD.refusal(HEADERS | {"sec-fetch-site": site}) is None) is is_own


@pytest.mark.parametrize("cookie", ["", "a=b", f"{GUARD.cookie}=", f"{GUARD.cookie}=wrong", "other=a-token"])
def test_a_request_without_the_token_in_the_cookie_is_not_authenticated(cookie: str) -> None:
    assert not GUARD.knows({"cookie": cookie})


def test_a_request_without_a_cookie_is_not_authenticated() -> None:
    assert not GUARD.knows({})


@given(st.text(st.characters(max_codepoint=255)))
def test_a_request_without_the_token_is_not_authenticated_with_any_cookie(cookie: str) -> None:
    assert not GUARD.knows({"cookie": cookie})


@pytest.mark.parametrize("other", ["a=b", "a/b=1", "path=/", "version=1", "; ;=;", "=", 'a="b'])
@pytest.mark.parametrize("cookie", ["{other}; {own}", "{own}; {other}"])
def test_cookies_of_other_servers_on_this_machine_do_not_hide_the_console_s_own(cookie: str, other: str) -> None:
    assert GUARD.knows({"cookie": cookie.format(other=other, own=OWN)})
