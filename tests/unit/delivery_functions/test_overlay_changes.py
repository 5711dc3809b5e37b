"""No old pixels of an overlay: it is replaced or deleted after or while images with it are made."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from math import inf

import pytest
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph, signed_target
from tests.unit.delivery_functions.test_permissions import from_edge

from awskit.delivery import cached_sources
from awskit.delivery.forgetting import Forgetting, Forgotten, forget_results
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.result_keys import ALL_RESULTS, overlaid_key, source_prefix
from safelight_contracts.delivery.settings import DeliverySettings

OLD, NEW = photograph("chelsea.png", width=40), photograph("astronaut.png", width=40)
KEYS = ("a.jpg", "b.jpg")


@pytest.fixture
def marked(
    delivering: Delivering, configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings
) -> Delivering:
    """A delivery without CloudFront, with two sources and an overlay. It takes signatures."""
    configure(signing)
    for key in KEYS:
        delivering.put(photograph(), key=key)
    delivering.put(OLD, key="mark.jpg")
    return delivering


@pytest.fixture
def cached(
    marked: Delivering, configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings
) -> Delivering:
    """The same with CloudFront, which has asked for both sources with the overlay."""
    configure(replace(signing, has_edge=True))
    for key in KEYS:
        assert ask_by_cloudfront(marked, settings=signing, key=key).status == 200
    return marked


def target_of(key: str, query: str = "") -> tuple[str, str]:
    edits = {"resize": {"width": 80}, "overlayWith": {"key": "mark.jpg", "alpha": "0"}}
    document = {"key": key, "edits": edits}
    return signed_target("/" + base64.urlsafe_b64encode(json.dumps(document).encode()).decode(), query)


def ask_by_cloudfront(delivering: Delivering, *, settings: DeliverySettings, key: str) -> Answered:
    asked, query = target_of(key)
    path, headers = from_edge(query, settings=settings, path=asked)
    return delivering.send(path, headers=headers)


def prefix_of(delivering: Delivering, key: str) -> str:
    return source_prefix(bucket=delivering.source, key=key)


def test_all_results_with_an_overlay_are_deleted_and_no_others(cached: Delivering, settings: DeliverySettings) -> None:
    path, headers = from_edge("width=50", settings=settings, key="c.jpg")
    cached.put(photograph(), key="c.jpg")
    assert cached.send(path, headers=headers).status == 200
    assert cached.forget("mark.jpg") == []
    assert cached.stored() == [path.removeprefix("/")]


def test_cloudfront_forgets_the_sources_that_the_overlay_is_on(cached: Delivering, settings: DeliverySettings) -> None:
    forgotten = Forgotten(bucket=cached.source, key="mark.jpg")
    found = forget_results(forgotten, settings=replace(settings, has_edge=True), deadline=inf).prefixes
    assert sorted(found) == sorted(prefix_of(cached, key) for key in KEYS)


def test_an_overlay_on_very_many_sources_means_all_results(
    cached: Delivering, settings: DeliverySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_sources, "_MAX_OVERLAID", 1)
    forgotten = Forgotten(bucket=cached.source, key="mark.jpg")
    found = forget_results(forgotten, settings=replace(settings, has_edge=True), deadline=inf)
    assert found == Forgetting(prefixes=[ALL_RESULTS], is_complete=True)
    assert cached.stored() == []


def test_an_overlay_on_more_results_than_can_be_deleted_in_time_delays_no_other_source(
    cached: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.forget.handler._OVERLAID_SECONDS", 0)
    invalidated: list[str] = []
    monkeypatch.setenv("DISTRIBUTION_ID", "any")
    monkeypatch.setattr("delivery.forget.handler.invalidate", lambda prefixes, **_: invalidated.extend(prefixes))
    assert cached.forget("mark.jpg", "a.jpg") == ["0"]
    assert invalidated == sorted(prefix_of(cached, key) for key in KEYS)
    assert cached.stored() == cached.stored(prefix_of(cached, "b.jpg"))
    assert cached.stored()
    monkeypatch.setattr("delivery.forget.handler._OVERLAID_SECONDS", inf)
    assert cached.forget("mark.jpg") == []
    assert cached.stored() == []


def test_an_overlay_is_marked_before_cloudfront_can_find_a_result(
    marked: Delivering,
    configure: Callable[[DeliverySettings], Delivering],
    signing: DeliverySettings,
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    configure(replace(signing, has_edge=True))
    mark = overlaid_key(overlay_bucket=marked.source, overlay_key="mark.jpg", bucket=marked.source, key="a.jpg")
    there: list[str] = []
    before_storing(lambda: there.extend(marked.stored(mark)))
    assert ask_by_cloudfront(marked, settings=signing, key="a.jpg").status == 200
    assert there == [mark]


def test_an_overlay_replaced_before_the_result_is_stored_gives_the_new_picture(
    marked: Delivering, before_storing: Callable[[Callable[[], object]], None]
) -> None:
    marked.put(NEW, key="mark.jpg")
    expected = marked.send(*target_of("a.jpg")).body
    marked.put(OLD, key="mark.jpg")
    assert marked.send(*target_of("a.jpg")).body != expected
    marked.forget("a.jpg")
    before_storing(lambda: marked.put(NEW, key="mark.jpg"))
    assert marked.send(*target_of("a.jpg")).body == expected
    assert marked.send(*target_of("a.jpg")).body == expected


def test_a_stored_result_with_a_replaced_overlay_is_not_answered_even_before_the_event(marked: Delivering) -> None:
    old = marked.send(*target_of("a.jpg")).body
    marked.put(NEW, key="mark.jpg")
    answer = marked.send(*target_of("a.jpg"))
    assert (answer.status, answer.body != old) == (200, True)


def test_a_stored_result_with_a_deleted_overlay_is_not_answered_even_before_the_event(marked: Delivering) -> None:
    assert marked.send(*target_of("a.jpg")).status == 200
    marked.delete("mark.jpg")
    assert marked.send(*target_of("a.jpg")).is_refusal(Refusal.NOT_FOUND)
    assert marked.stored("") == []


def test_a_version_of_the_picture_does_not_keep_its_overlay_for_a_year(marked: Delivering) -> None:
    version = marked.put(photograph())[:8]
    made = marked.send(*target_of("a.jpg", f"v={version}"))
    stored = marked.send(*target_of("a.jpg", f"v={version}"))
    for answer in (made, stored):
        assert answer.headers["Cache-Control"].startswith("max-age=300,")
    assert f"/v.{version}/" in marked.stored()[0]
