"""What an image costs in calls of S3, which the page about delivery counts."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from bench.delivery.cost import GETS, PUTS
from PIL import Image
from tests.unit.delivery_functions.delivering import Delivering

from awskit import clients

# CloudFront makes this call before the function runs.
LOOK_FOR_RESULT = 1


@pytest.fixture
def calls(delivering: Delivering) -> Iterator[Counter[str]]:
    """How often each operation of S3 is called by the functions."""
    made: Counter[str] = Counter()
    events = clients.s3().meta.events

    def count(params: dict[str, Any], model: Any, **_: object) -> None:
        if params["Bucket"] in (delivering.source, delivering.results):
            made[model.name] += 1

    events.register("provide-client-params.s3", count)
    yield made
    events.unregister("provide-client-params.s3", count)


def test_an_image_that_is_made_has_the_calls_that_its_cost_is_computed_from(
    delivering: Delivering, calls: Counter[str]
) -> None:
    noise = BytesIO()
    Image.effect_noise((900, 900), 90).save(noise, "JPEG", quality=95)
    assert len(noise.getvalue()) > 64 * 1024  # More than the first read of a source.
    delivering.put(noise.getvalue())
    assert delivering.get(preset="card").status == 200
    reads = calls["GetObject"] + calls["HeadObject"]
    assert (reads, calls["PutObject"], calls["DeleteObject"]) == (GETS + LOOK_FOR_RESULT, PUTS, 1)
