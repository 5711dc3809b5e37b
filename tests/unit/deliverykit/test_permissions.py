"""Which requests are answered."""

from typing import Any

import pytest
from tests.unit.deliverykit.asked import SETTINGS, document_url, encoded_document, refused, settings_with

from deliverykit.permissions import check_permitted, check_source
from deliverykit.plans import plan_of
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import RequestUrl, split_url
from safelight_contracts.delivery.settings import DeliverySettings, Source

SIGNATURE = "A" * 43
PHOTO = "public/photo.jpg"
SIZE = {"resize": {"width": 300, "height": 200}}


def check(url: RequestUrl, *, settings: DeliverySettings = SETTINGS) -> None:
    check_permitted(plan_of(url, settings=settings), url=url, settings=settings)


def query(parameters: str) -> RequestUrl:
    return split_url(f"/{PHOTO}", parameters)


def path(operations: str) -> RequestUrl:
    return split_url(f"/unsafe/{operations}/{PHOTO}", "")


def edits(**given: Any) -> RequestUrl:
    return document_url({"edits": given})


PERMITTED = [
    query("width=300&height=200"),
    query("width=640&v=01234567"),
    query("width=300&height=200&fit=cover&focus=attention&format=webp"),
    query("fit=crop&height=200&width=300"),
    path("300x200"),
    path("fit-in/300x200/filters:format(avif)"),
    path("640x/smart"),
    path("640x0/filters:format(jpg)"),
]
NOT_PERMITTED = {
    "no size": query(""),
    "original size in another type": query("format=webp"),
    "a factor of a permitted size": query("width=150&height=100&dpr=2"),
    "a flip": query("width=640&flip=true"),
    "a turn": query("width=640&rotate=90"),
    "whether to enlarge": query("width=640&enlarge=false"),
    "a mirrored size": path("-300x200"),
    "an alignment": path("300x200/left"),
    "a box that turns": path("adaptive-fit-in/300x200"),
    "a filter with format": path("300x200/filters:no_upscale():format(avif)"),
    "a document": edits(**SIZE),
    "another size": query("width=301&height=200"),
    "a side of a permitted size": query("height=200"),
    "the original side": path("640xorig"),
    "two permitted sizes by a proportion": path("600x400/filters:proportion(0.5)"),
    "a permitted size by a ratio": edits(resize={"width": 600, "height": 400, "ratio": 0.5}),
    "a scale": path("filters:proportion(0.5)"),
    "a focal point": query("width=300&height=200&fit=cover&focus=0.5,0.5"),
    "focal pixels": path("300x200/filters:focal(0x0:9x9)"),
    "a quality": query("width=640&quality=80"),
    "headers": document_url({"edits": SIZE, "headers": {"Content-Language": "de"}}),
    "any angle": query("width=640&rotate=12.5"),
    "a background": edits(resize={"width": 300, "height": 200, "fit": "contain", "background": "red"}),
    "a crop": path("0x0:9x9/640x0"),
    "a trim": path("trim/640x0"),
}
EXPENSIVE = {
    "an effort": document_url({"edits": SIZE, "effort": 3}),
    "two rotations": path("640x0/filters:rotate(90):rotate(90)"),
    "a blur": path("640x0/filters:blur(4)"),
    "a sharpened picture": edits(**SIZE, sharpen=True),
    "a median": edits(median=15),
    "a convolution": edits(convolve={"width": 3, "height": 3, "kernel": [1] * 9}),
    "clahe": edits(clahe={"width": 3, "height": 3}),
    "an overlay": edits(**SIZE, overlayWith={"key": PHOTO}),
}
PAID = {
    "faces": query("width=300&height=200&fit=cover&focus=faces"),
    "a crop to faces": edits(**SIZE, smartCrop=True),
    "a filter that crops to faces": path("300x200/filters:smart_crop()"),
    "moderation": edits(**SIZE, contentModeration=True),
}


@pytest.mark.parametrize("url", PERMITTED)
def test_a_permitted_size_is_open_to_everybody(url: RequestUrl) -> None:
    check(url)


@pytest.mark.parametrize("url", NOT_PERMITTED.values(), ids=NOT_PERMITTED)
def test_anything_else_is_not(url: RequestUrl) -> None:
    with refused(Refusal.NOT_PERMITTED, None):
        check(url)


@pytest.mark.parametrize("url", NOT_PERMITTED.values(), ids=NOT_PERMITTED)
def test_an_open_delivery_answers_it(url: RequestUrl) -> None:
    check(url, settings=settings_with(is_open=True))


@pytest.mark.parametrize("url", EXPENSIVE.values(), ids=EXPENSIVE)
def test_what_costs_more_than_a_resize_needs_a_signature_even_if_the_delivery_is_open(url: RequestUrl) -> None:
    for settings in (SETTINGS, settings_with(is_open=True)):
        with refused(Refusal.NOT_PERMITTED, None):
            check(url, settings=settings)


@pytest.mark.parametrize(
    "url",
    [
        query(f"width=301&quality=3&signature={SIGNATURE}"),
        split_url(f"/{SIGNATURE}/0x0:9x9/filters:blur(4)/{PHOTO}", ""),
        split_url(f"/{encoded_document({'key': PHOTO, 'edits': {'smartCrop': True}})}", f"signature={SIGNATURE}"),
    ],
)
def test_a_signed_url_may_ask_for_all(url: RequestUrl) -> None:
    check(url)


def test_a_preset_is_open_to_everybody_with_what_it_costs() -> None:
    check(query("preset=card&v=1"))


@pytest.mark.parametrize("added", ["quality=80", "dpr=2", "format=webp"])
def test_a_preset_with_more_than_its_name_is_not(added: str) -> None:
    with refused(Refusal.NOT_PERMITTED, None):
        check(query(f"preset=card&{added}"))


@pytest.mark.parametrize("settings", [SETTINGS, settings_with(is_open=True)], ids=["sizes", "open"])
@pytest.mark.parametrize("url", PAID.values(), ids=PAID)
def test_what_costs_a_detection_needs_a_signature_or_a_preset(url: RequestUrl, settings: DeliverySettings) -> None:
    with refused(Refusal.NOT_PERMITTED, None):
        check(url, settings=settings)


def test_the_original_size_can_be_permitted() -> None:
    settings = settings_with(sizes=((None, None),))
    check(query("format=webp"), settings=settings)
    with refused(Refusal.NOT_PERMITTED, None):
        check(query("width=640"), settings=settings)


def test_nothing_is_permitted_without_a_list() -> None:
    with refused(Refusal.NOT_PERMITTED, None):
        check(query(""), settings=settings_with(sizes=()))


def test_a_url_that_names_no_bucket_means_the_first_source() -> None:
    assert check_source(query(""), settings=SETTINGS) == Source(bucket="photos", prefix="public/")


def test_a_url_can_name_a_bucket_of_the_list() -> None:
    url = split_url("/s3:marks/logo.png", "")
    assert check_source(url, settings=SETTINGS) == Source(bucket="marks")


def test_a_bucket_can_have_several_prefixes() -> None:
    settings = settings_with(sources=(Source(bucket="photos", prefix="a/"), Source(bucket="photos", prefix="b/")))
    assert check_source(split_url("/b/photo.jpg", ""), settings=settings) == settings.sources[1]


@pytest.mark.parametrize(
    "url",
    [
        split_url("/private/photo.jpg", ""),
        split_url("/publicity/photo.jpg", f"signature={SIGNATURE}"),
        split_url("/s3:other/public/photo.jpg", ""),
        document_url({"bucket": "results"}),
        document_url({"key": "public"}),
    ],
)
def test_no_other_source_is_read_even_with_a_signature(url: RequestUrl) -> None:
    with refused(Refusal.NOT_PERMITTED, None):
        check_source(url, settings=SETTINGS)


@pytest.mark.parametrize("overlay", [{"key": "private.png"}, {"bucket": "results", "key": "public/mark.png"}])
def test_an_overlay_comes_from_the_same_sources_even_with_a_signature(overlay: dict[str, Any]) -> None:
    document = encoded_document({"key": PHOTO, "edits": {"overlayWith": overlay}})
    with refused(Refusal.NOT_PERMITTED, None):
        check(split_url(f"/{document}", f"signature={SIGNATURE}"), settings=settings_with(is_open=True))


def test_an_overlay_that_names_no_bucket_comes_from_the_bucket_of_the_picture() -> None:
    url = split_url(f"/{SIGNATURE}/filters:watermark(mark.png,0,0,0)/s3:marks/logo.png", "")
    check(url, settings=settings_with(dialect=Dialect.THUMBOR))


def test_a_refusal_names_no_bucket_and_no_key() -> None:
    url = split_url("/private/photo.jpg", "")
    with pytest.raises(Exception, match=r"^This delivery has no such source\.$"):
        check_source(url, settings=SETTINGS)
