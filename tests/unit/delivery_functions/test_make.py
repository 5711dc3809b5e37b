from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from tests.unit.delivery_functions.delivering import Delivering, photograph
from tests.unit.pictures import encoded, four_corners

from awskit import clients
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.settings import MAX_ANSWER, DeliverySettings

FIXED = "max-age=31536000, immutable"
LIVE = "max-age=300, stale-while-revalidate=60"


def test_an_image_is_made_when_it_is_asked_for(delivering: Delivering) -> None:
    delivering.put(photograph())
    answer = delivering.get(preset="card")
    assert answer.picture.format == "JPEG"
    assert answer.picture.width == 80


def test_a_stored_result_is_answered_without_reading_the_source(
    delivering: Delivering, source_reads: list[str]
) -> None:
    delivering.put(photograph())
    first, second = delivering.get(preset="card"), delivering.get(preset="card")
    assert second == first
    assert source_reads == ["a.jpg"]


def test_a_url_with_the_version_of_the_source_is_cached_for_a_year(delivering: Delivering) -> None:
    etag = delivering.put(photograph())
    assert delivering.get(preset="card", v=etag[:8]).headers["Cache-Control"] == FIXED
    assert delivering.get(preset="card", v=etag[:8]).headers["Cache-Control"] == FIXED


def test_a_url_without_a_version_is_cached_for_five_minutes(delivering: Delivering) -> None:
    delivering.put(photograph())
    assert delivering.get(preset="card").headers["Cache-Control"] == LIVE


def test_a_version_that_the_source_does_not_have_is_answered_live_and_not_stored(delivering: Delivering) -> None:
    etag = delivering.put(photograph())
    live = delivering.get(preset="card")
    for version in ("00000000", etag[:7], etag[:9], etag):
        assert delivering.get(preset="card", v=version) == live
    assert len(delivering.stored()) == 1


def test_invented_versions_and_missing_sources_write_nothing(delivering: Delivering, writes: list[str]) -> None:
    delivering.put(photograph())
    delivering.get(preset="card")
    writes.clear()
    for version in range(5):
        assert delivering.get(preset="card", v=f"{version:08}").status == 200
        assert delivering.get("missing.jpg", preset="card").status == 404
    assert writes == []


def test_the_version_id_of_a_source_is_a_version(delivering: Delivering) -> None:
    s3 = delivering.emulator.endpoints.s3
    s3.put_bucket_versioning(Bucket=delivering.source, VersioningConfiguration={"Status": "Enabled"})
    delivering.put(photograph())
    version_id = s3.head_object(Bucket=delivering.source, Key="a.jpg")["VersionId"]
    assert delivering.get(preset="card", v=version_id).headers["Cache-Control"] == FIXED


def test_the_null_version_is_no_version_because_it_can_be_overwritten(delivering: Delivering) -> None:
    def suspend(parsed: dict[str, Any], **_: object) -> None:
        # As S3 answers in a bucket whose versioning is suspended. The emulator leaves it out.
        parsed["VersionId"] = "null"

    delivering.put(photograph())
    live = delivering.get(preset="card")
    clients.s3().meta.events.register("after-call.s3.GetObject", suspend)
    assert delivering.get(preset="card", v="null") == live


def test_the_type_that_the_viewer_accepts_varies_the_answer(delivering: Delivering) -> None:
    delivering.put(photograph())
    for accept, image_type in (("image/webp", "WEBP"), ("image/avif,image/webp", "AVIF"), ("*/*", "JPEG")):
        for _ in ("made", "stored"):
            answer = delivering.get(preset="auto", accept=accept)
            assert answer.picture.format == image_type
            assert answer.headers["Vary"] == "Accept"
    assert "Vary" not in delivering.get(preset="card").headers


def test_no_answer_can_run_as_a_page(delivering: Delivering) -> None:
    delivering.put(photograph())
    for answer in (delivering.get(preset="card"), delivering.get("missing.jpg", preset="card")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


def test_an_etag_that_the_viewer_has_is_answered_with_304(delivering: Delivering) -> None:
    delivering.put(photograph())
    etag = delivering.get(preset="card").headers["ETag"]
    for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = delivering.send("/a.jpg", "preset=card", headers={"if-none-match": given})
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["Cache-Control"] == LIVE
    assert delivering.send("/a.jpg", "preset=card", headers={"if-none-match": '"other"'}).status == 200


def test_head_is_answered_as_get_is_without_a_body(delivering: Delivering) -> None:
    delivering.put(photograph())
    got = delivering.get(preset="card")
    headed = delivering.send("/a.jpg", "preset=card", method="HEAD")
    assert (headed.status, headed.headers, headed.body) == (200, got.headers, b"")
    assert delivering.send("/b.jpg", "preset=card", method="HEAD").body == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(delivering: Delivering, method: str) -> None:
    answer = delivering.send("/a.jpg", "preset=card", method=method)
    assert answer.is_refusal(Refusal.METHOD_NOT_ALLOWED)
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("data", "refusal", "cache_control"),
    [
        (None, Refusal.NOT_FOUND, "max-age=10"),
        (b"", Refusal.NOT_AN_IMAGE, "max-age=60"),
        (b"{}", Refusal.NOT_AN_IMAGE, "max-age=60"),
        (b"%PDF-1.7 ...", Refusal.NOT_AN_IMAGE, "max-age=60"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', Refusal.NOT_AN_IMAGE, "max-age=60"),
        (photograph()[:4000], Refusal.DAMAGED, "max-age=60"),
        (photograph()[:40], Refusal.DAMAGED, "max-age=60"),
    ],
)
def test_a_failure_has_its_own_status_and_stays_in_caches_for_a_short_time(
    delivering: Delivering, data: bytes | None, refusal: Refusal, cache_control: str
) -> None:
    if data is not None:
        delivering.put(data)
    answer = delivering.get(preset="card")
    assert answer.is_refusal(refusal), answer.body
    assert answer.headers["Cache-Control"] == cache_control
    assert answer.error["requestId"] == "r-1"
    # But for a refusal that a herd shares.
    assert [key for key in delivering.stored("") if not key.startswith("l1/")] == []


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_BYTES", "5000"), ("MAX_PIXELS", "1000"), ("MAX_SIDE", "200"), ("MAX_RATIO", "1")]
)
def test_a_source_beyond_a_limit_is_refused_by_its_header(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch, limit: str, value: str
) -> None:
    monkeypatch.setenv(limit, value)
    delivering.put(photograph())
    assert delivering.get(preset="card").is_refusal(Refusal.TOO_LARGE)


@pytest.mark.parametrize(("limit", "value"), [("MAX_BYTES", "100000"), ("MAX_PIXELS", "1000")])
def test_a_source_beyond_a_limit_is_not_downloaded(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch, source_reads: list[str], limit: str, value: str
) -> None:
    monkeypatch.setenv(limit, value)
    large = encoded(Image.effect_noise((1_000, 1_000), 100), "JPEG", quality=95)
    assert len(large) > 500_000
    delivering.put(large)
    assert delivering.get(preset="card").is_refusal(Refusal.TOO_LARGE)
    assert source_reads == ["a.jpg"]  # The first 64 KB.


def test_an_animation_with_too_many_frames_is_refused(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FRAMES", "2")
    frames = [four_corners(40, 40).rotate(90 * turn) for turn in range(3)]
    delivering.put(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert delivering.get(preset="card").is_refusal(Refusal.TOO_LARGE)


def test_a_refusal_names_no_bucket_and_no_key(delivering: Delivering) -> None:
    delivering.put(b"{}", key="secret.jpg")
    for key in ("secret.jpg", "missing-secret.jpg"):
        body = delivering.get(key, preset="card").body.decode()
        assert "secret" not in body
        assert delivering.source not in body
        assert delivering.results not in body


@pytest.mark.parametrize(
    "key",
    [
        "größe/日本語.jpg",
        "a b.jpg",
        "a+b.jpg",
        "100%.jpg",
        "a%20b.jpg",
        "photo (1).jpg",
        "x-100x100.jpg",
        "no-extension",
        "quote'\"&=?#.jpg",
        "😀.jpg",
    ],
)
def test_keys_of_any_characters_are_found(delivering: Delivering, key: str) -> None:
    delivering.put(photograph(), key=key)
    assert delivering.send("/" + "/".join(map(_escaped, key.split("/"))), "preset=card").picture.width == 80


def _escaped(segment: str) -> str:
    return "".join(f"%{byte:02X}" for byte in segment.encode())


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject", "PutObject"])
def test_a_busy_s3_is_no_permanent_failure_and_stores_nothing(
    delivering: Delivering, make_s3_busy: Callable[[str], None], operation: str
) -> None:
    delivering.put(photograph())
    make_s3_busy(operation)
    answer = delivering.get(preset="card")
    assert answer.is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert delivering.stored() == []


def test_a_fallback_image_keeps_the_status_and_the_caching_of_the_failure(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    delivering = configure(replace(settings, fallback_key="fallback.png"))
    fallback = photograph("chelsea.png", image_type="PNG")
    delivering.put(fallback, key="fallback.png")
    answer = delivering.get("missing.jpg", preset="card", accept="image/webp,*/*")
    assert (answer.status, answer.body) == (404, fallback)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "max-age=10"


def test_a_fallback_image_that_is_too_large_to_be_sent_is_not_read(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings, source_reads: list[str]
) -> None:
    delivering = configure(replace(settings, fallback_key="fallback.jpg"))
    delivering.put(photograph() + bytes(MAX_ANSWER), key="fallback.jpg")
    answer = delivering.get("no-such.jpg", preset="card", accept="image/avif,image/*")
    assert answer.is_refusal(Refusal.NOT_FOUND)
    # Its first bytes.
    assert source_reads.count("fallback.jpg") == 1


def test_a_viewer_that_shows_no_images_gets_no_fallback_image(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    delivering = configure(replace(settings, fallback_key="fallback.png"))
    delivering.put(photograph(), key="fallback.png")
    assert delivering.get("missing.jpg", preset="card", accept="application/json").is_refusal(Refusal.NOT_FOUND)


def test_a_wrong_request_says_what_is_wrong_instead_of_a_fallback_image(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    delivering = configure(replace(settings, fallback_key="fallback.png"))
    delivering.put(photograph(), key="fallback.png")
    assert delivering.get("missing.jpg", width=77, accept="image/webp").is_refusal(Refusal.NOT_PERMITTED)


def test_without_a_fallback_image_the_failure_is_answered_all_the_same(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    delivering = configure(replace(settings, fallback_key="fallback.png"))
    assert delivering.get("missing.jpg", preset="card", accept="image/webp").is_refusal(Refusal.NOT_FOUND)
