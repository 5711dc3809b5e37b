import time
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from tests.unit.delivery_functions.delivering import SECRET, Answered, Delivering, photograph, signed_target

from awskit.delivery.signing_keys import SigningKeys
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.request_urls import encoded, split_url
from safelight_contracts.delivery.result_keys import result_key
from safelight_contracts.delivery.settings import (
    ACCEPTS_HEADER,
    URL_HEADER,
    DeliverySettings,
    Signing,
    Source,
)


@pytest.fixture
def signed(configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings) -> Delivering:
    """A delivery that takes signatures, with a source."""
    delivering = configure(signing)
    delivering.put(photograph())
    return delivering


def signed_url(query: str, *, key_id: str = "1", secret: str = SECRET, expires: int | None = None) -> tuple[str, str]:
    return signed_target("/a.jpg", query, key_id=key_id, secret=secret, expires=expires)


def test_a_signed_url_may_ask_for_any_size(signed: Delivering) -> None:
    assert signed.send("/a.jpg", "width=75").is_refusal(Refusal.NOT_PERMITTED)
    assert signed.send(*signed_url("width=75")).picture.width == 75


def test_a_wrong_signature_is_refused_even_where_none_is_needed(signed: Delivering) -> None:
    for url in (signed_url("preset=card", secret=SECRET[::-1]), signed_url("preset=card", key_id="2")):
        answer = signed.send(*url)
        assert answer.is_refusal(Refusal.BAD_SIGNATURE)
        assert answer.headers["Cache-Control"] == "no-store"
    assert signed.stored("") == []


def test_an_expired_url_is_refused_although_its_result_is_stored(signed: Delivering) -> None:
    path, query = signed_url("width=75", expires=int(time.time()) + 1000)
    assert signed.send(path, query).picture.width == 75
    assert signed.send(*signed_url("width=75", expires=int(time.time()) - 1)).is_refusal(Refusal.EXPIRED)


def test_browsers_do_not_keep_an_image_beyond_its_expiry(signed: Delivering) -> None:
    for _ in ("made", "stored"):
        answer = signed.send(*signed_url("width=75", expires=int(time.time()) + 1000))
        assert answer.headers["Cache-Control"] == "max-age=0, s-maxage=300, must-revalidate"


def test_a_request_without_a_signature_finds_no_result_of_a_signed_one(signed: Delivering) -> None:
    assert signed.send(*signed_url("width=75")).status == 200
    assert signed.send("/a.jpg", "width=75").is_refusal(Refusal.NOT_PERMITTED)
    signed.get(width=100)
    signed.send(*signed_url("width=100"))
    assert len(signed.stored()) == 3


@pytest.mark.usefixtures("signed")
def test_a_delivery_that_needs_signatures_refuses_presets_without_one(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    strict = configure(replace(settings, signing=Signing.REQUIRED))
    assert strict.get(preset="card").is_refusal(Refusal.BAD_SIGNATURE)


def test_keys_are_kept_for_a_minute_and_an_unknown_one_loads_them_at_most_every_ten_seconds() -> None:
    loads: list[float] = []
    now = [0.0]

    def load() -> dict[str, str]:
        loads.append(now[0])
        return {"1": SECRET}

    keys = SigningKeys(load=load, clock=lambda: now[0])
    for second in range(0, 130, 2):
        now[0] = second
        assert keys.including("1")
    assert loads == [0, 60, 120]
    for second in range(130, 160, 2):
        now[0] = second
        keys.including("unknown")
    assert loads == [0, 60, 120, 130, 140, 150]


@pytest.mark.usefixtures("signed")
def test_a_secret_that_cannot_be_read_is_a_failure_of_a_service(
    settings: DeliverySettings, configure: Callable[[DeliverySettings], Delivering]
) -> None:
    broken = configure(replace(settings, signing=Signing.OPTIONAL, keys_secret="missing"))
    assert broken.send(*signed_url("width=75")).is_refusal(Refusal.SOURCE_UNAVAILABLE)


def test_only_buckets_and_prefixes_of_the_list_are_read(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    (source,) = settings.sources
    delivering = configure(replace(settings, sources=(replace(source, prefix="public/"),), is_open=True))
    delivering.put(photograph(), key="public/a.jpg")
    delivering.put(photograph(), key="private/a.jpg")
    assert delivering.send("/public/a.jpg", "width=50").status == 200
    for path in ("/private/a.jpg", f"/s3:{source.bucket}/private/a.jpg", f"/s3:{settings.results_bucket}/public/a.jpg"):
        assert delivering.send(path, "width=50").is_refusal(Refusal.NOT_PERMITTED)


def test_another_bucket_of_the_list_is_named_by_the_url(
    delivering: Delivering,
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
) -> None:
    other = f"other-{uuid4().hex}"
    delivering.emulator.endpoints.s3.create_bucket(Bucket=other)
    delivering.put(photograph(), bucket=other)
    configure(replace(settings, sources=(*settings.sources, Source(bucket=other))))
    assert delivering.send(f"/s3:{other}/a.jpg", "preset=card").status == 200
    assert delivering.get(preset="card").is_refusal(Refusal.NOT_FOUND)


@pytest.fixture
def behind_edge(configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings) -> Delivering:
    """A delivery with CloudFront before it, and a source."""
    delivering = configure(replace(settings, has_edge=True))
    delivering.put(photograph())
    return delivering


def from_edge(
    query: str,
    *,
    settings: DeliverySettings,
    accepted: AcceptedType = AcceptedType.PLAIN,
    key: str = "a.jpg",
    path: str | None = None,
) -> tuple[str, dict[str, str]]:
    """Return the path and the headers that the edge function sends."""
    url = split_url(path or f"/{encoded(key)}", query)
    result = result_key(
        url,
        bucket=settings.sources[0].bucket,
        accepted=accepted,
        presets_with_type=settings.presets_with_type,
        generation=settings.generation,
    )
    return f"/{result}", {URL_HEADER: url.address, ACCEPTS_HEADER: accepted}


def test_the_edge_functions_url_and_choice_of_a_type_count(behind_edge: Delivering, settings: DeliverySettings) -> None:
    path, headers = from_edge("preset=auto", settings=settings, accepted=AcceptedType.WEBP)
    answer = behind_edge.send(path, headers=headers | {"accept": "image/avif"})
    assert answer.picture.format == "WEBP"
    assert behind_edge.stored() == [path.removeprefix("/")]


def test_a_url_is_answered_while_the_edge_function_has_the_settings_of_before(
    behind_edge: Delivering, settings: DeliverySettings
) -> None:
    path, headers = from_edge("preset=card", settings=replace(settings, generation="before"))
    own, _ = from_edge("preset=card", settings=settings)
    for _ in ("made", "stored"):
        answer = behind_edge.send(path, headers=headers)
        assert answer.picture.width == 80
        assert answer.headers["Cache-Control"] == "no-store"
    assert behind_edge.stored() == [own.removeprefix("/")]


def test_an_edge_function_with_other_settings_permits_nothing(
    behind_edge: Delivering,
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
) -> None:
    path, headers = from_edge("width=75", settings=replace(settings, generation="before"))
    assert behind_edge.send(path, headers=headers).is_refusal(Refusal.NOT_PERMITTED)
    configure(replace(settings, has_edge=True, signing=Signing.REQUIRED))
    path, headers = from_edge("preset=card", settings=replace(settings, generation="before"))
    assert behind_edge.send(path, headers=headers).is_refusal(Refusal.BAD_SIGNATURE)
    assert behind_edge.stored("") == []


@pytest.mark.parametrize(
    ("query", "path", "refusal"),
    [
        ("preset=new", "/a.jpg", Refusal.BAD_PARAMETER),
        ("colour=red", "/a.jpg", Refusal.UNKNOWN_PARAMETER),
        ("preset=card", "/missing.jpg", Refusal.NOT_FOUND),
    ],
)
def test_nobody_keeps_what_is_refused_to_an_edge_function_with_other_settings(
    behind_edge: Delivering, settings: DeliverySettings, query: str, path: str, refusal: Refusal
) -> None:
    def send(settings: DeliverySettings) -> Answered:
        asked, headers = from_edge(query, settings=settings, path=path)
        return behind_edge.send(asked, headers=headers)

    own = send(settings)
    other = send(replace(settings, generation="before"))
    assert own.is_refusal(refusal)
    assert other.is_refusal(refusal)
    assert own.headers["Cache-Control"] == refusal.cache_control != "no-store"
    assert other.headers["Cache-Control"] == "no-store"


def test_the_url_counts_and_not_the_path_that_the_edge_function_made_of_it(
    behind_edge: Delivering, settings: DeliverySettings
) -> None:
    path, _ = from_edge("preset=card", settings=settings)
    own, headers = from_edge("width=50", settings=settings)
    answer = behind_edge.send(path, headers=headers)
    assert answer.picture.width == 50
    assert answer.headers["Cache-Control"] == "no-store"
    assert behind_edge.stored() == [own.removeprefix("/")]


def test_a_request_past_the_edge_function_is_refused(behind_edge: Delivering) -> None:
    assert behind_edge.get(preset="card").is_refusal(Refusal.NOT_PERMITTED)
