"""How the URL of a request for an image is split."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight_contracts.delivery.documents import MAX_DOCUMENT
from safelight_contracts.delivery.forms import Form
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.request_urls import (
    MAX_KEY,
    MAX_PARAMETERS,
    MAX_SEGMENTS,
    MAX_URL,
    encoded,
    split_url,
)

SIGNATURE = "Ab3-_" * 8 + "xyz"


def document_path(document: object) -> str:
    return "/" + base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def refusal_of(path: str, query: str = "") -> tuple[Refusal, str | None]:
    with pytest.raises(RequestRefusedError) as caught:
        split_url(path, query)
    return caught.value.refusal, caught.value.parameter


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (document_path({"key": "a.jpg"}), Form.JSON),
        ("/unsafe/a.jpg", Form.THUMBOR),
        (f"/{SIGNATURE}/a.jpg", Form.THUMBOR),
        # One signature in 52,000 begins like a document, and a document can have a slash where a signature ends.
        (f"/eyJ{SIGNATURE[3:]}/300x200/photo", Form.THUMBOR),
        (f"/ew0{SIGNATURE[3:]}/photo", Form.THUMBOR),
        ("/" + base64.b64encode(b'{"key":"aaaaaaaaaaaaaaaaaaaaaaaa?.jpg"}').decode(), Form.JSON),
        ("/300x200/a.jpg", Form.THUMBOR),
        ("/-300x/a.jpg", Form.THUMBOR),
        ("/x200/a.jpg", Form.THUMBOR),
        ("/origxorig/a.jpg", Form.THUMBOR),
        ("/10x20:30x40/a.jpg", Form.THUMBOR),
        ("/fit-in/a.jpg", Form.THUMBOR),
        ("/adaptive-full-fit-in/a.jpg", Form.THUMBOR),
        ("/filters:blur(2)/a.jpg", Form.THUMBOR),
        ("/a.jpg", Form.QUERY),
        ("/photos/a.jpg", Form.QUERY),
        ("/unsafe", Form.QUERY),
        (f"/{SIGNATURE}", Form.QUERY),
        ("/300x200", Form.QUERY),
        ("/x/a.jpg", Form.QUERY),
        ("/left/a.jpg", Form.QUERY),
        ("/trim/a.jpg", Form.QUERY),
        ("/smart/a.jpg", Form.QUERY),
    ],
)
def test_the_form_is_told_by_the_beginning_of_the_path(path: str, form: Form) -> None:
    assert split_url(path, "").form is form


@pytest.mark.parametrize(
    ("path", "segments", "key"),
    [
        ("/unsafe/trim/1x2:3x4/fit-in/300x200/left/top/smart/filters:a()/b.jpg", 8, "b.jpg"),
        ("/unsafe/left/photos/left/a.jpg", 1, "photos/left/a.jpg"),
        ("/300x200/300x200/a.jpg", 1, "300x200/a.jpg"),
        ("/unsafe/300x200", 0, "300x200"),
        ("/300x200/x-100x100.jpg", 1, "x-100x100.jpg"),
        ("/unsafe/top/left/a.jpg", 1, "left/a.jpg"),
        ("/unsafe/filters:a", 0, "filters:a"),
    ],
)
def test_thumbors_operations_stand_in_their_order_and_the_last_segment_is_the_key(
    path: str, segments: int, key: str
) -> None:
    url = split_url(path, "")
    assert (len(url.segments), url.key) == (segments, key)


def test_an_argument_of_a_filter_can_have_slashes() -> None:
    url = split_url("/filters:watermark(b,marks/a.png,1,2):blur(2)/photos/a.jpg", "")
    assert url.segments == ("filters:watermark(b,marks/a.png,1,2):blur(2)",)
    assert url.key == "photos/a.jpg"


def test_filters_without_an_end_are_refused() -> None:
    assert refusal_of("/filters:blur(2/a.jpg") == (Refusal.BAD_PATH, "filters")


@pytest.mark.parametrize("path", ["/s3:another-bucket/photos/a.jpg", "/unsafe/300x200/s3:another-bucket/photos/a.jpg"])
def test_a_path_can_name_a_bucket(path: str) -> None:
    url = split_url(path, "")
    assert (url.bucket, url.key) == ("another-bucket", "photos/a.jpg")


def test_a_document_can_name_a_bucket_and_any_key() -> None:
    url = split_url(document_path({"bucket": "another-bucket", "key": "300x200/a.jpg", "edits": {"flip": True}}), "")
    assert (url.bucket, url.key, url.document) == ("another-bucket", "300x200/a.jpg", {"edits": {"flip": True}})


@pytest.mark.parametrize("bucket", ["A-b", "ab", "a" * 64, "-abc", "abc\n", 12345, "", ["abc"]])
def test_a_document_with_another_bucket_than_s3_permits_is_refused(bucket: object) -> None:
    assert refusal_of(document_path({"bucket": bucket, "key": "a.jpg"})) == (Refusal.BAD_PARAMETER, "bucket")


@pytest.mark.parametrize(
    "key",
    [
        "фото.jpg",
        "a b.jpg",
        "a+b.jpg",
        "100%.jpg",
        "a (1).jpg",
        "x-100x100.jpg",
        "no-extension",
        "a?b#c&d=e.jpg",
        "a'b\"c!*.jpg",
        "~a_b-c.jpg",
        "a\u2028b.jpg",
        "a%2Fb.jpg",
    ],
)
def test_keys_keep_every_character(key: str) -> None:
    assert split_url("/" + encoded(key), "").key == key
    assert split_url("/unsafe/300x200/" + encoded(key), "").key == key
    assert split_url(document_path({"key": key}), "").key == key


def test_plus_is_no_space() -> None:
    url = split_url("/a+b.jpg", "text=c+d")
    assert (url.key, url.parameters) == ("a+b.jpg", (("text", "c+d"),))


@pytest.mark.parametrize(
    "path", ["/", "//", "/a//b", "/a/", "/./a", "/../a", "/a/..", "/%2e%2e/a", "/a%2F..%2Fb", "/unsafe/s3:another/"]
)
def test_a_segment_that_is_empty_or_dots_is_refused(path: str) -> None:
    assert refusal_of(path)[0] is Refusal.BAD_PATH


@pytest.mark.parametrize("key", [None, "", 1, ["a"], "..", "a/../b", "./a", "a\x00", "a\n", "k" * (MAX_KEY + 1)])
def test_a_document_without_a_key_of_s3_is_refused(key: object) -> None:
    assert refusal_of(document_path({"key": key, "edits": {}})) == (Refusal.BAD_PATH, "key")


def test_a_key_has_at_most_1024_bytes_not_characters() -> None:
    assert split_url("/" + "%C3%A9" * (MAX_KEY // 2), "").key
    assert refusal_of("/" + "%C3%A9" * (MAX_KEY // 2) + "a") == (Refusal.BAD_PATH, "key")


@pytest.mark.parametrize(
    "raw", ["%", "%2", "%zz", "%00", "%0A", "%7F", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%FF", "é", "a b", "\x00"]
)
def test_what_is_not_utf_8_in_percent_signs_is_refused(raw: str) -> None:
    assert refusal_of(f"/{raw}")[0] is Refusal.BAD_ENCODING
    assert refusal_of("/a.jpg", f"{raw}=1")[0] is Refusal.BAD_ENCODING
    assert refusal_of("/a.jpg", f"a={raw}")[0] is Refusal.BAD_ENCODING


@pytest.mark.parametrize("query", ["a=1&a=1", "a=1&b=2&a=3", "a=1&%61=2", "v=1&v=1", "a&a="])
def test_a_repeated_parameter_is_refused(query: str) -> None:
    refusal, parameter = refusal_of("/a.jpg", query)
    assert refusal is Refusal.REPEATED_PARAMETER
    assert parameter == query[0]


@pytest.mark.parametrize("query", ["=1", "=", "a=1&=2"])
def test_a_parameter_without_a_name_is_refused(query: str) -> None:
    assert refusal_of("/a.jpg", query)[0] is Refusal.BAD_ENCODING


def test_an_encoded_separator_is_part_of_a_value() -> None:
    nested = split_url("/a.jpg", "width=1%26height%3D5")
    assert nested.parameters == (("width", "1&height=5"),)
    assert nested.query != split_url("/a.jpg", "width=1&height=5").query


@pytest.mark.parametrize("query", ["b=2&a=1&a-b=3", "a-b=3&&a=1&b=2", "%61=%31&a%2Db=3&b=2", "b=2&a=1&a%2db=3&"])
def test_each_way_to_write_a_url_has_one_canonical_form(query: str) -> None:
    url = split_url("/%61+(b).jpg", query)
    assert (url.path, url.query) == ("/a%2B%28b%29.jpg", "a-b=3&a=1&b=2")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", ""),
        ("v", "a%20b"),
        ("v", "a" * 65),
        ("kid", "a.b"),
        ("kid", "a" * 33),
        ("expires", "-1"),
        ("expires", "1.5"),
        ("expires", "1" * 13),
        ("expires", "%D9%A1"),
        ("signature", SIGNATURE + "a"),
        ("signature", SIGNATURE[1:]),
    ],
)
def test_a_parameter_of_every_form_that_is_not_of_its_kind_is_refused(name: str, value: str) -> None:
    assert refusal_of("/a.jpg", f"{name}={value}") == (Refusal.BAD_PARAMETER, name)


@pytest.mark.parametrize("path", ["/unsafe/a.jpg", f"/{SIGNATURE}/a.jpg"])
def test_a_signature_in_the_query_contradicts_one_in_the_path(path: str) -> None:
    assert refusal_of(path, f"signature={SIGNATURE}") == (Refusal.CONTRADICTION, "signature")


def test_a_signature_in_the_path_is_signed_as_unsafe() -> None:
    url = split_url(f"/{SIGNATURE}/300x200/a.jpg", "kid=1")
    assert (url.signature, url.path, url.query) == (SIGNATURE, "/unsafe/300x200/a.jpg", "kid=1")
    assert url.address == f"/{SIGNATURE}/300x200/a.jpg?kid=1"


def test_a_url_has_at_most_6500_bytes() -> None:
    longest = "/a.jpg", "a=" + "b" * (MAX_URL - len("/a.jpg?a="))
    assert split_url(*longest).parameters
    assert refusal_of(longest[0], longest[1] + "b")[0] is Refusal.URL_TOO_LONG


def test_a_url_that_its_canonical_form_makes_too_long_is_refused() -> None:
    assert refusal_of("/a.jpg", "a=" + "," * 3000)[0] is Refusal.URL_TOO_LONG


@given(
    segments=st.lists(st.text(min_size=1), min_size=1, max_size=3),
    parameters=st.dictionaries(st.text(min_size=1), st.text(), max_size=3),
)
def test_a_canonical_url_splits_into_the_same_request(segments: list[str], parameters: dict[str, str]) -> None:
    path = "/" + "/".join(map(encoded, segments))
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in parameters.items())
    try:
        url = split_url(path, query)
    except RequestRefusedError:
        return
    again_path, _, again_query = url.address.partition("?")
    assert split_url(again_path, again_query) == url


@given(names=st.sets(st.text("abcdefgh", min_size=1, max_size=4), min_size=1, max_size=2 * MAX_PARAMETERS))
def test_a_query_with_too_many_parameters_is_refused(names: set[str]) -> None:
    query = "&".join(f"{name}=1" for name in names)
    if len(names) > MAX_PARAMETERS:
        assert refusal_of("/a.jpg", query) == (Refusal.URL_TOO_LONG, None)
    else:
        assert len(split_url("/a.jpg", query).parameters) == len(names)


def test_a_path_with_too_many_segments_is_refused() -> None:
    filters = "filters:" + "a/" * (MAX_SEGMENTS - 2) + ")"
    assert split_url(f"/{filters}/a.jpg", "").key == "a.jpg"
    assert refusal_of(f"/{filters}/a/a.jpg")[0] is Refusal.URL_TOO_LONG


def test_the_bounds_are_checked_before_anything_is_decoded() -> None:
    assert refusal_of("/a.jpg", "&".join(["%zz=1"] * (MAX_PARAMETERS + 1)))[0] is Refusal.URL_TOO_LONG
    assert refusal_of("/" + "%zz/" * MAX_SEGMENTS)[0] is Refusal.URL_TOO_LONG


@pytest.mark.parametrize(
    ("length", "refusal"), [(MAX_DOCUMENT, Refusal.BAD_DOCUMENT), (MAX_DOCUMENT + 4, Refusal.URL_TOO_LONG)]
)
def test_a_long_document_is_refused_before_it_is_read(length: int, refusal: Refusal) -> None:
    assert refusal_of("/eyJ" + "_" * (length - 3))[0] is refusal
