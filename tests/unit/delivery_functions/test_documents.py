"""What only JSON documents ask for: overlays and response headers."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph, signed_target

from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.settings import DeliverySettings, Source


@pytest.fixture
def opened(configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings) -> Delivering:
    """A delivery that permits everything that is signed, with a photograph."""
    delivering = configure(signing)
    delivering.put(photograph())
    return delivering


def ask(delivering: Delivering, *, edits: dict[str, Any] | None = None, **members: object) -> Answered:
    document = {"key": "a.jpg", "edits": {"resize": {"width": 90}, "png": {}, **(edits or {})}, **members}
    path = "/" + base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
    return delivering.send(*signed_target(path))


def overlay(**members: object) -> dict[str, Any]:
    return {"overlayWith": {"options": {"left": "0", "top": "0"}, "alpha": "0", **members}}


def test_an_overlay_of_a_source_is_put_on_the_picture(opened: Delivering) -> None:
    opened.put(photograph("chelsea.png", width=30, image_type="PNG"), key="mark.png")
    marked = ask(opened, edits=overlay(key="mark.png"))
    assert marked.picture.size == ask(opened).picture.size
    assert marked.body != ask(opened).body


def test_an_overlay_can_come_from_another_source(
    opened: Delivering, configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings
) -> None:
    marks = f"marks-{uuid4().hex}"
    opened.emulator.endpoints.s3.create_bucket(Bucket=marks)
    opened.put(photograph("chelsea.png", width=30), key="mark.jpg", bucket=marks)
    assert ask(opened, edits=overlay(bucket=marks, key="mark.jpg")).is_refusal(Refusal.NOT_PERMITTED)
    configure(replace(signing, sources=(*signing.sources, Source(bucket=marks))))
    assert ask(opened, edits=overlay(bucket=marks, key="mark.jpg")).status == 200


def test_an_overlay_that_does_not_exist_is_not_found_and_nothing_is_stored(opened: Delivering) -> None:
    assert ask(opened, edits=overlay(key="mark.png")).is_refusal(Refusal.NOT_FOUND)
    assert opened.stored("") == []


def test_an_overlay_that_is_no_image_is_refused(opened: Delivering) -> None:
    opened.put(b"{}", key="mark.png")
    assert ask(opened, edits=overlay(key="mark.png")).is_refusal(Refusal.NOT_AN_IMAGE)


def test_overlays_that_are_too_large_together_are_refused(opened: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = photograph("chelsea.png", width=60, image_type="PNG")
    for key in ("1.png", "2.png"):
        opened.put(mark, key=key)
    two = f"/unsafe/90x/filters:watermark({opened.source},1.png,0,0,0):watermark({opened.source},2.png,0,0,0)/a.jpg"
    assert opened.send(*signed_target(two)).status == 200
    opened.forget("a.jpg")
    monkeypatch.setattr("awskit.delivery.making._MAX_OVERLAYS_BYTES", int(1.5 * len(mark)))
    assert opened.send(*signed_target(two)).is_refusal(Refusal.TOO_LARGE)


def test_headers_that_the_request_asks_for_stay_with_the_stored_result(opened: Delivering) -> None:
    headers = {"Content-Disposition": 'attachment; filename="a.png"', "Content-Language": "de"}
    for _ in ("made", "stored"):
        answer = ask(opened, headers=headers)
        assert answer.status == 200
        assert headers.items() <= answer.headers.items()


def test_a_result_that_is_too_large_to_make_is_refused(opened: Delivering) -> None:
    assert opened.send(*signed_target("/a.jpg", "width=8192&height=8192&fit=scale")).is_refusal(Refusal.BAD_PARAMETER)
