"""Keys of stored results."""

import base64
import json

import pytest

from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.request_urls import split_url
from safelight_contracts.delivery.result_keys import Access, access_of, names_type, result_key, source_prefix

SIGNATURE = "A" * 43


def key_of(
    path: str,
    query: str = "",
    *,
    bucket: str = "the-source",
    accepted: AcceptedType = AcceptedType.AVIF,
    generation: str = "first",
) -> str:
    url = split_url(path, query)
    return result_key(
        url,
        bucket=url.bucket or bucket,
        accepted=accepted,
        presets_with_type=frozenset({"card"}),
        generation=generation,
    )


def document_path(**document: object) -> str:
    return "/" + base64.b64encode(json.dumps({"key": "a.jpg"} | document).encode()).decode()


def test_every_form_has_its_results_under_the_prefix_of_the_source() -> None:
    prefix = source_prefix(bucket="the-source", key="a.jpg")
    for path in ("/a.jpg", "/unsafe/300x200/a.jpg", "/s3:the-source/a.jpg", document_path()):
        assert key_of(path).startswith(f"{prefix}live/")
        assert key_of(path, "v=7").startswith(f"{prefix}v.7/")


def test_a_version_that_is_called_live_is_not_live() -> None:
    assert key_of("/a.jpg", "v=live") != key_of("/a.jpg")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("/a.jpg", "width=1&height=2"), ("/%61.jpg", "height=2&width=%31")),
        (("/photos/a.jpg", ""), ("/photos%2Fa.jpg", "")),
        ((document_path(edits={"a": 1, "b": 2}), ""), (document_path(edits={"b": 2.0, "a": 1}), "")),
        ((document_path(), ""), (document_path().rstrip("="), "")),
        ((document_path(bucket=None), ""), (document_path(bucket="the-source"), "")),
    ],
)
def test_two_ways_to_write_a_request_have_one_result(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert key_of(*one) == key_of(*other)


@pytest.mark.parametrize(
    "query",
    ["width=2", "width=1&height=2", "width=1%26height%3D2", "v=1", f"kid=1&signature={SIGNATURE}", "Width=1"],
)
def test_another_request_has_another_result(query: str) -> None:
    assert key_of("/a.jpg", query) != key_of("/a.jpg", "width=1")


def test_a_delivery_that_means_something_else_has_other_results_of_the_same_source() -> None:
    assert key_of("/a.jpg", generation="first") != key_of("/a.jpg", generation="second")


def test_the_type_that_a_viewer_accepts_matters_unless_the_url_names_one() -> None:
    assert key_of("/a.jpg", accepted=AcceptedType.AVIF) != key_of("/a.jpg", accepted=AcceptedType.WEBP)
    named = ("/a.jpg", "format=webp")
    assert key_of(*named, accepted=AcceptedType.AVIF) == key_of(*named, accepted=AcceptedType.PLAIN)


@pytest.mark.parametrize(
    ("path", "query", "names_one"),
    [
        ("/a.jpg", "format=jpeg", True),
        ("/a.jpg", "format=auto", False),
        ("/a.jpg", "preset=card", True),
        ("/a.jpg", "preset=other", False),
        ("/unsafe/filters:blur(1):format(png)/a.jpg", "", True),
        ("/unsafe/filters:autojpg()/a.jpg", "", True),
        ("/unsafe/filters:blur(1)/a.jpg", "format=jpeg", False),
        (document_path(outputFormat="png"), "", True),
        (document_path(edits={"webp": {"quality": 50}}), "", True),
        (document_path(edits={"toFormat": "png"}), "", True),
        (document_path(edits={"resize": {"width": 1}}), "", False),
        (document_path(edits=["webp"]), "", False),
    ],
)
def test_each_form_has_its_way_to_name_a_type(path: str, query: str, *, names_one: bool) -> None:
    assert names_type(split_url(path, query), presets_with_type=frozenset({"card"})) is names_one


@pytest.mark.parametrize(
    ("query", "access"),
    [
        ("", Access.OPEN),
        (f"kid=1&signature={SIGNATURE}", Access.SIGNED),
        (f"kid=1&expires=1&signature={SIGNATURE}", Access.EXPIRING),
    ],
)
def test_a_result_is_found_with_the_same_access_only(query: str, access: Access) -> None:
    assert access_of(split_url("/a.jpg", query)) is access


def test_a_key_holds_neither_signature_nor_kid_nor_expires() -> None:
    other = "B" * 43
    assert key_of("/a.jpg", f"kid=1&expires=1&signature={SIGNATURE}") == key_of(
        "/a.jpg", f"kid=2&expires=2&signature={other}"
    )
