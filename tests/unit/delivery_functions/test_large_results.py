"""Results over 4,700,000 bytes, which a function cannot answer."""

import time
from collections.abc import Callable
from dataclasses import replace
from ssl import create_default_context
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image
from tests.unit.delivery_functions.delivering import Delivering, signed_target
from tests.unit.delivery_functions.test_permissions import from_edge
from tests.unit.pictures import encoded

from awskit.delivery.stored_results import temporary_url
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.settings import MAX_ANSWER, DeliverySettings

SIDE = 1300
PRESETS = {"large": {"width": str(SIDE), "format": "png"}}


@pytest.fixture(scope="module")
def noise() -> bytes:
    """A picture that no encoder makes small."""
    pixels = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return encoded(Image.fromarray(pixels), "PNG", compress_level=1)


@pytest.fixture
def large(configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings, noise: bytes) -> Delivering:
    """A delivery with CloudFront before it, and a source whose preset is a large file."""
    delivering = configure(replace(settings, has_edge=True, presets=PRESETS))
    delivering.put(noise)
    return delivering


def test_a_large_result_is_stored_and_the_viewer_is_sent_to_its_own_url(
    large: Delivering, settings: DeliverySettings
) -> None:
    path, headers = from_edge("preset=large", settings=replace(settings, presets=PRESETS))
    for _ in ("made", "just stored"):
        answer = large.send(path, headers=headers)
        assert (answer.status, answer.body) == (302, b"")
        assert answer.headers["Location"] == "/a.jpg?preset=large"
        assert answer.headers["Cache-Control"] == "private, no-store"
    stored = large.emulator.endpoints.s3.head_object(Bucket=large.results, Key=path.removeprefix("/"))
    assert stored["ContentLength"] > MAX_ANSWER
    assert stored["ContentType"] == "image/png"


def test_a_large_result_that_cloudfront_does_not_find_is_no_loop(
    large: Delivering, settings: DeliverySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, headers = from_edge("preset=large", settings=replace(settings, presets=PRESETS))
    large.send(path, headers=headers)
    monkeypatch.setattr("awskit.delivery.serving._FOUND_SECONDS", 0)
    location = large.send(path, headers=headers).headers["Location"]
    assert urlsplit(location).path.endswith(path)
    assert "X-Amz-Signature" in parse_qs(urlsplit(location).query)


def test_a_large_result_that_an_older_edge_function_asks_for_is_no_loop(
    large: Delivering, settings: DeliverySettings
) -> None:
    path, headers = from_edge("preset=large", settings=replace(settings, presets=PRESETS, generation="before"))
    answer = large.send(path, headers=headers)
    assert "X-Amz-Signature" in parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1"])
@pytest.mark.usefixtures("large")
def test_the_url_in_the_bucket_is_also_right_for_an_object_that_kms_encrypts(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    query = parse_qs(urlsplit(temporary_url("r1/a", bucket="results")).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["60"]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(("left", "seconds"), [(-1, 1), (10, 10), (59, 59), (100, 60)])
def test_the_url_in_the_bucket_expires_with_the_viewer_s_url(
    left: int, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awskit.delivery.stored_results.time.time", lambda: 1_000.9)
    query = parse_qs(urlsplit(temporary_url("r1/a", bucket="results", expires=1_000 + left)).query)
    assert query["X-Amz-Expires"] == [str(seconds)]


def test_an_expiring_url_of_a_large_result_gives_no_longer_access(
    large: Delivering, configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings
) -> None:
    configure(replace(signing, presets=PRESETS))
    path, query = signed_target("/a.jpg", f"width={SIDE}&format=png", expires=int(time.time()) + 30)
    location = large.send(path, query).headers["Location"]
    assert int(parse_qs(urlsplit(location).query)["X-Amz-Expires"][0]) <= 30


@pytest.mark.parametrize("region", ["eu-west-1", "eu-south-1", "ap-east-1"])
@pytest.mark.usefixtures("large")
def test_the_url_in_the_bucket_is_of_the_buckets_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert urlsplit(temporary_url("r1/a", bucket="results")).netloc == f"results.s3.{region}.amazonaws.com"


def test_a_large_result_that_could_not_be_stored_is_a_failure_and_no_redirect(
    large: Delivering, settings: DeliverySettings, make_s3_busy: Callable[[str], None]
) -> None:
    make_s3_busy("PutObject")
    path, headers = from_edge("preset=large", settings=replace(settings, presets=PRESETS))
    assert large.send(path, headers=headers).is_refusal(Refusal.SOURCE_UNAVAILABLE)


def test_without_cloudfront_a_large_result_is_fetched_from_the_bucket(
    large: Delivering, configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    configure(replace(settings, presets=PRESETS))
    answer = large.get(preset="large")
    assert answer.status == 302
    assert answer.headers["Cache-Control"] == "private, no-store"
    location = answer.headers["Location"]
    assert urlsplit(location).path.endswith(large.stored()[0])
    trusted = create_default_context(cafile=large.emulator.endpoints.ca_bundle)
    with urlopen(location, context=trusted) as found:  # noqa: S310 - the presigner makes https:// only
        assert len(found.read()) > MAX_ANSWER
        # What is stored says how long the URL of the delivery may be kept.
        assert found.headers["Cache-Control"] == "private, no-store"
