from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.local.deliveries import FIRST_KEY, URL, settings

from safelight_contracts.delivery.request_urls import MAX_KEY, split_url
from safelight_contracts.delivery.settings import Signing, Source
from safelight_contracts.delivery.signatures import is_signed
from safelight_local.errors import UserError
from safelight_local.web_pages.image_urls import ImageUrls, SourceImage
from safelight_local.web_pages.result_sizes import Size
from safelight_local.web_pages.signed_urls import Signer

SIGNER = Signer(scope="Site.Cdn", key_id="1", secret=FIRST_KEY)


def urls(**changes: Any) -> ImageUrls:
    return ImageUrls(base=URL, settings=settings(**changes), signer=SIGNER)


def source(key: str = "a.jpg", *, bucket: str = "photos", **changes: Any) -> SourceImage:
    return replace(SourceImage(bucket=bucket, key=key, size=Size(width=1000, height=500)), **changes)


def one(key: str = "a.jpg", *, width: int = 640, bucket: str = "photos", **changes: Any) -> str:
    (candidate,) = urls(**changes).by_widths(source(key, bucket=bucket), widths=[width])
    return candidate.url


def test_a_permitted_width_is_not_signed() -> None:
    assert one() == f"{URL}/a.jpg?width=640"


def test_another_width_is_signed() -> None:
    path, _, query = one(width=320).removeprefix(URL).partition("?")
    assert is_signed(split_url(path, query), scope="Site.Cdn", secret=FIRST_KEY)


def test_every_url_of_a_delivery_that_requires_it_is_signed() -> None:
    made = urls(signing=Signing.REQUIRED)
    assert "signature=" in made.by_widths(source(), widths=[640])[0].url
    assert "signature=" in made.by_preset(source(), preset="card").url


def test_an_open_delivery_needs_no_signature() -> None:
    assert "signature=" not in one(width=321, is_open=True)


def test_a_width_that_nobody_may_ask_for_is_an_error_that_says_what_is_permitted() -> None:
    with pytest.raises(UserError, match=r"does not permit width=321: use --preset \(card\) or --widths 640"):
        one(width=321, signing=Signing.OFF)


def test_widths_end_at_the_first_that_is_as_wide_as_the_picture() -> None:
    made = urls(is_open=True).by_widths(source(), widths=[320, 2000, 1280])
    assert [(it.url.rpartition("=")[2], it.size) for it in made] == [
        ("320", Size(width=320, height=160)),
        ("1280", Size(width=1000, height=500)),
    ]


def test_the_default_widths_are_the_permitted_ones() -> None:
    assert urls(sizes=((640, None), (320, None), (100, 100), (None, 50))).widths == (320, 640)
    assert urls(sizes=()).widths == (320, 640, 1280)


def test_what_is_not_permitted_is_not_offered() -> None:
    with pytest.raises(UserError, match=r"does not permit width=321: use --preset \(card\)$"):
        one(width=321, signing=Signing.OFF, sizes=())
    with pytest.raises(UserError, match="it has no presets, and no permitted size is a width alone"):
        one(width=321, signing=Signing.OFF, sizes=((320, 200),), presets={})


WHOLE = {"small": {"width": "90"}, "square": {"width": "90", "height": "90", "fit": "cover"}, "large": {"width": "900"}}


@pytest.mark.parametrize(
    ("changes", "queries"),
    [
        ({}, ["width=640"]),
        ({"sizes": ()}, ["preset=card"]),
        ({"sizes": (), "presets": WHOLE}, ["preset=small", "preset=large"]),
        ({"sizes": (), "presets": WHOLE, "signing": Signing.OFF}, ["preset=small", "preset=large"]),
        ({"sizes": (), "is_open": True}, ["width=320", "width=640", "width=1280"]),
    ],
)
def test_by_default_images_need_no_signature_if_there_are_such(changes: dict[str, Any], queries: list[str]) -> None:
    assert [it.url.partition("?")[2] for it in urls(**changes).by_default(source())] == queries


def test_by_default_widths_are_signed_if_nothing_else_is_permitted() -> None:
    made = urls(sizes=(), presets={}).by_default(source())
    assert ["signature=" in it.url for it in made] == [True, True, True]


@pytest.mark.parametrize(("width", "query"), [(320, "width=640"), (641, "width=1280"), (1024, "width=1280")])
def test_the_next_width_that_needs_no_signature_stands_for_another(width: int, query: str) -> None:
    made = urls(sizes=((640, None), (1280, None))).by_width(source(), width=width)
    assert made.url == f"{URL}/a.jpg?{query}"


def test_presets_are_sorted_by_the_width_of_their_images() -> None:
    presets = {"large": {"width": "900"}, "small": {"width": "90"}, "same": {"width": "900"}}
    made = urls(presets=presets).by_presets(source(), presets=["large", "small", "same"])
    assert [it.url for it in made] == [f"{URL}/a.jpg?preset=small", f"{URL}/a.jpg?preset=same"]


def test_an_unknown_preset_is_an_error_that_names_the_others() -> None:
    with pytest.raises(UserError, match="no preset 'none': the delivery has card"):
        urls().by_preset(source(), preset="none")


def test_a_version_is_part_of_the_url() -> None:
    assert urls().by_preset(source(version="abc-2"), preset="card").url == f"{URL}/a.jpg?preset=card&v=abc-2"


def test_a_bucket_that_is_not_the_first_is_named() -> None:
    assert one("public/a.jpg", bucket="scans") == f"{URL}/s3%3Ascans/public/a.jpg?width=640"


@pytest.mark.parametrize(("bucket", "key"), [("others", "a.jpg"), ("scans", "private/a.jpg")])
def test_a_source_outside_of_the_delivery_is_an_error(bucket: str, key: str) -> None:
    with pytest.raises(UserError, match="the delivery has no source"):
        one(key, bucket=bucket)


@pytest.mark.parametrize("key", ["300x200/a.jpg", "unsafe/a.jpg", "s3:other/a.jpg"])
def test_a_key_that_looks_like_another_form_is_an_error(key: str) -> None:
    with pytest.raises(UserError, match="another form"):
        one(key)


@pytest.mark.parametrize("key", ["a//b.jpg", "../a.jpg", "a\n.jpg"])
def test_a_key_that_no_url_can_have_is_an_error(key: str) -> None:
    with pytest.raises(UserError, match="no URL can ask for"):
        one(key)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_url_asks_for_its_key_or_there_is_none(key: str) -> None:
    assume(len(key.encode()) <= MAX_KEY)
    try:
        url = one(key, sources=(Source(bucket="photos"),))
    except UserError:
        return
    path, _, query = url.removeprefix(URL).partition("?")
    assert split_url(path, query).key == key
    assert set(url).isdisjoint(" ,\"'<>")
