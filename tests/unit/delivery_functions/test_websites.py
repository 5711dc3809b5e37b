"""The functions of a website: what it redirects to, and what forgets its images."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.exceptions import ClientError
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph
from tests.unit.delivery_functions.test_large_results import noise

from awskit import clients
from delivery.forget_sizes.handler import handler as forget_handler
from delivery.resize.handler import handler as resize_handler
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.settings import DeliverySettings
from safelight_contracts.delivery.websites import WEBSITE_VARIABLE

__all__ = ["noise"]
URL = "http://site.s3-website-eu-west-1.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Website:
    """A website with the widths 50 and 100, and its bucket."""

    delivering: Delivering

    def ask(self, key: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Answered:
        event = {
            "rawPath": "/resize",
            "rawQueryString": f"key={quote(key)}",
            "headers": headers or {},
            "requestContext": {"requestId": "r-1", "http": {"method": method}},
        }
        answer = resize_handler(event, None)
        body = base64.b64decode(answer.get("body", ""))
        return Answered(status=answer["statusCode"], headers=answer["headers"], body=body)

    def forget(self, key: str) -> list[Any]:
        detail = {"bucket": {"name": self.delivering.source}, "object": {"key": key}}
        body = json.dumps({"source": "aws.s3", "detail": detail})
        failures: list[Any] = forget_handler({"Records": [{"messageId": "0", "body": body}]}, None)["batchItemFailures"]
        return failures

    def stored(self) -> dict[str, Any]:
        """What is stored, as S3 says it, by key."""
        s3 = self.delivering.emulator.endpoints.s3
        bucket = self.delivering.results
        return {key: s3.head_object(Bucket=bucket, Key=key) for key in self.delivering.stored("")}


@pytest.fixture
def website(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> Website:
    monkeypatch.setenv(WEBSITE_VARIABLE, URL)
    return Website(delivering=delivering)


def failing(operation: str) -> Callable[..., None]:
    def fail(**_: object) -> None:
        answer: Any = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(answer, operation)

    return fail


def test_a_missing_image_is_stored_and_the_viewer_is_sent_back(website: Website) -> None:
    website.delivering.put(photograph(), key="p (1)/ü+.jpg")
    answer = website.ask("50x/p (1)/ü+.jpg")
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["Location"] == f"{URL}/50x/p%20%281%29/%C3%BC%2B.jpg"
    assert answer.headers["Cache-Control"] == "private, no-store"
    ((key, stored),) = website.stored().items()
    assert key == "50x/p (1)/ü+.jpg"
    assert stored["ContentType"] == "image/jpeg"
    assert stored["CacheControl"] == "max-age=300, stale-while-revalidate=60"


def test_an_image_that_is_stored_is_answered_and_not_redirected_again(website: Website) -> None:
    website.delivering.put(photograph())
    website.ask("50x/a.jpg")
    for _ in range(2):
        answer = website.ask("50x/a.jpg")
        assert answer.picture.width == 50
        assert "Location" not in answer.headers


def test_the_type_does_not_depend_on_the_viewer(website: Website) -> None:
    website.delivering.put(photograph())
    website.ask("50x/a.jpg", headers={"accept": "image/avif,image/webp"})
    assert website.ask("50x/a.jpg").picture.format == "JPEG"


def test_a_small_source_is_enlarged(website: Website) -> None:
    website.delivering.put(photograph(width=20))
    website.ask("100x/a.jpg")
    assert website.ask("100x/a.jpg").picture.width == 100


def test_a_large_image_that_is_stored_comes_from_s3_s_own_endpoint(
    website: Website, noise: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awskit.delivery.stored_results.MAX_ANSWER", 1_000)
    website.delivering.put(noise)
    assert website.ask("100x/a.jpg").headers["Location"].startswith(URL)
    again = website.ask("100x/a.jpg")
    assert again.status == 302
    location = urlsplit(again.headers["Location"])
    assert location.path.endswith("/100x/a.jpg")
    assert "Signature" in location.query


def test_an_image_that_cannot_be_stored_is_an_error_and_no_redirect(website: Website) -> None:
    website.delivering.put(photograph())
    clients.s3().meta.events.register("before-call.s3.PutObject", failing("PutObject"))
    answer = website.ask("50x/a.jpg")
    assert answer.is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        ("51x/a.jpg", Refusal.NOT_PERMITTED),
        ("50x50/a.jpg", Refusal.NOT_PERMITTED),
        ("x50/a.jpg", Refusal.NOT_PERMITTED),
        ("a.jpg", Refusal.BAD_PATH),
        ("50x/none.jpg", Refusal.NOT_FOUND),
        ("50x/filters:blur(3)/a.jpg", Refusal.NOT_FOUND),
        ("50x/50x/a.jpg", Refusal.NOT_FOUND),
    ],
)
def test_what_is_not_permitted_or_not_there_is_refused_and_not_stored(
    website: Website, key: str, refusal: Refusal
) -> None:
    website.delivering.put(photograph())
    assert website.ask(key).is_refusal(refusal)
    assert website.stored() == {}


@pytest.mark.parametrize(
    ("key", "message"),
    [("51x/public/a.jpg", "This size is not permitted."), ("50x/a.jpg", "This key is not permitted.")],
)
def test_a_refusal_advises_nothing_that_a_website_does_not_have(
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    message: str,
) -> None:
    monkeypatch.setenv(WEBSITE_VARIABLE, URL)
    sources = tuple(replace(it, prefix="public/") for it in settings.sources)
    website = Website(delivering=configure(replace(settings, sources=sources)))
    assert website.ask(key).error["message"] == message


def test_only_get_and_head_are_answered(website: Website) -> None:
    website.delivering.put(photograph())
    assert website.ask("50x/a.jpg", method="POST").is_refusal(Refusal.METHOD_NOT_ALLOWED)
    website.ask("50x/a.jpg")
    head = website.ask("50x/a.jpg", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_a_source_that_is_replaced_meanwhile_leaves_no_old_image(website: Website) -> None:
    website.delivering.put(photograph("coffee.png"))
    new = photograph("chelsea.png", width=200)

    def replace(params: dict[str, Any], **_: object) -> None:
        if params["Key"] == "50x/a.jpg" and not replaced:
            replaced.append(website.delivering.put(new))

    replaced: list[str] = []
    clients.s3().meta.events.register("provide-client-params.s3.PutObject", replace)
    assert website.ask("50x/a.jpg").status == 302
    fresh = website.ask("50x/a.jpg").picture
    assert replaced
    assert fresh.height == round(50 * 300 / 451)


def test_a_change_of_a_source_deletes_its_images_and_no_others(website: Website) -> None:
    for key in ("a.jpg", "b.jpg"):
        website.delivering.put(photograph(), key=key)
        for width in (50, 100):
            assert website.ask(f"{width}x/{key}").status == 302
    assert website.forget("a.jpg") == []
    assert set(website.stored()) == {"50x/b.jpg", "100x/b.jpg"}


def test_an_image_that_could_not_be_deleted_is_tried_again(website: Website) -> None:
    website.delivering.put(photograph())
    website.ask("50x/a.jpg")
    clients.s3().meta.events.register("before-call.s3.DeleteObjects", failing("DeleteObjects"))
    assert website.forget("a.jpg") == [{"itemIdentifier": "0"}]
