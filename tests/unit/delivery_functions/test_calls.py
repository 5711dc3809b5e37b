"""What an image costs in calls of S3, which the page about delivery counts."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from bench.delivery.cost import FIRST_IMAGE, FORGOTTEN, NEXT_IMAGE, Calls
from PIL import Image
from tests.unit.delivery_functions.delivering import Delivering
from tests.unit.delivery_functions.test_permissions import from_edge

from awskit import clients
from awskit.delivery.budget import SECONDS, Budget
from safelight_contracts.delivery.settings import DeliverySettings

READS = ("GetObject", "HeadObject")
# S3 charges as much for a list as for a write.
WRITES = ("PutObject", "ListObjectsV2")
FREE = ("DeleteObject", "DeleteObjects")


@pytest.fixture
def behind_edge(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings, monkeypatch: pytest.MonkeyPatch
) -> Delivering:
    """A delivery with CloudFront before it, and a source that is longer than the first read of it."""
    # A request that takes more than a second looks at the source once more.
    monkeypatch.setattr("delivery.make.handler.new_budget", lambda: Budget(deadline=SECONDS, clock=lambda: 0.0))
    delivering = configure(replace(settings, has_edge=True))
    noise = BytesIO()
    Image.effect_noise((900, 900), 90).save(noise, "JPEG", quality=95)
    assert len(noise.getvalue()) > 64 * 1024
    delivering.put(noise.getvalue())
    return delivering


@pytest.fixture
def calls(behind_edge: Delivering) -> Iterator[Callable[[], Calls]]:
    """Return the calls of S3 that the functions have made since it was asked last."""
    made: Counter[str] = Counter()
    events = clients.s3().meta.events

    def count(params: dict[str, Any], model: Any, **_: object) -> None:
        if params["Bucket"] in (behind_edge.source, behind_edge.results):
            made[model.name] += 1

    def since_last() -> Calls:
        reads, writes, free = (sum(made.pop(name, 0) for name in names) for names in (READS, WRITES, FREE))
        assert not made
        return Calls(reads=reads, writes=writes, free=free)

    events.register("provide-client-params.s3", count)
    yield since_last
    events.unregister("provide-client-params.s3", count)


def test_an_image_that_is_made_has_the_calls_that_its_cost_is_computed_from(
    behind_edge: Delivering, settings: DeliverySettings, calls: Callable[[], Calls]
) -> None:
    for query, expected in (("preset=card", FIRST_IMAGE), ("width=50", NEXT_IMAGE), ("width=100", NEXT_IMAGE)):
        path, headers = from_edge(query, settings=settings)
        assert behind_edge.send(path, headers=headers).status == 200
        assert calls() == expected


def test_an_event_of_a_source_that_nobody_asked_for_has_the_calls_that_its_cost_is_computed_from(
    behind_edge: Delivering, calls: Callable[[], Calls]
) -> None:
    assert behind_edge.forget("a.jpg") == []
    assert calls() == FORGOTTEN
