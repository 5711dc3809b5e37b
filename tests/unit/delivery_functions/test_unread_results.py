"""A missing permission of CloudFront is noticed, although viewers get their images."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from tests.unit.delivery_functions.delivering import Delivering, photograph
from tests.unit.delivery_functions.test_permissions import from_edge

from awskit.delivery.serving import warn_unread
from safelight_contracts.delivery.settings import UNREAD_RESULTS, DeliverySettings


@pytest.fixture(autouse=True)
def nothing_warned_yet() -> Iterator[None]:
    warn_unread.cache_clear()
    yield
    warn_unread.cache_clear()


@pytest.fixture
def behind_edge(configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings) -> Delivering:
    delivering = configure(replace(settings, has_edge=True))
    delivering.put(photograph())
    return delivering


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_a_stored_result_that_cloudfront_asks_for_later_is_a_warning(
    behind_edge: Delivering,
    settings: DeliverySettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, headers = from_edge("preset=card", settings=settings)
    first = behind_edge.send(path, headers=headers)
    monkeypatch.setattr("awskit.delivery.serving._FOUND_SECONDS", -1)
    assert behind_edge.send(path, headers=headers) == first
    assert "Check that the policy of the results bucket" in warnings(caplog)[0]
    # The alarm's metric filter looks for it.
    assert [getattr(record, "warning", None) for record in caplog.records] == [UNREAD_RESULTS]


def test_a_result_that_was_just_stored_is_no_warning(
    behind_edge: Delivering, settings: DeliverySettings, caplog: pytest.LogCaptureFixture
) -> None:
    path, headers = from_edge("preset=card", settings=settings)
    for _ in ("made", "stored"):
        assert behind_edge.send(path, headers=headers).status == 200
    assert warnings(caplog) == []


def test_a_live_result_that_is_found_for_an_unknown_version_is_no_warning(
    behind_edge: Delivering,
    settings: DeliverySettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("awskit.delivery.serving._FOUND_SECONDS", -1)
    for version in ("00000000", "11111111"):
        path, headers = from_edge(f"preset=card&v={version}", settings=settings)
        assert behind_edge.send(path, headers=headers).status == 200
    assert warnings(caplog) == []


def test_there_is_one_warning_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    for minute in (1, 1, 1, 2):
        warn_unread(minute=minute)
    assert len(warnings(caplog)) == 2
