"""A request has 25 seconds. What takes longer is a timeout, and stores nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.unit.delivery_functions.delivering import Delivering, photograph
from tests.unit.pictures import encoded

from awskit import clients
from awskit.delivery.budget import SECONDS, Budget, new_budget
from awskit.delivery.failures import failures_as_refusals
from awskit.delivery.pictures import make_picture, small_picture
from delivery.make import handler
from deliverykit.thumbor_filters import MAX_WATERMARKS
from imagekit.decoding.limits import inspect
from imagekit.operations.delivered import EncodedImage
from safelight.delivery.steps.make import STEP
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.effects import Median
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.limits import Limits


@pytest.fixture
def seconds_left(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let requests begin when only so many seconds are left."""

    def leave(seconds: float) -> None:
        monkeypatch.setattr(handler, "new_budget", lambda: Budget(deadline=seconds, clock=lambda: 0.0))

    return leave


def test_an_image_that_is_not_made_in_time_is_a_timeout_and_not_stored(
    delivering: Delivering, seconds_left: Callable[[float], None]
) -> None:
    delivering.put(photograph())
    seconds_left(1.5)
    answer = delivering.get(preset="card")
    assert answer.is_refusal(Refusal.TIMEOUT)
    assert answer.headers["Cache-Control"] == "no-store"
    assert delivering.stored("") == []


def test_a_file_that_takes_too_much_processor_time_is_a_timeout(slow: EncodedImage) -> None:
    with pytest.raises(RequestRefusedError) as refused, failures_as_refusals():
        _slowly(slow, limits=Limits(max_seconds=1), budget=new_budget())
    assert refused.value.refusal is Refusal.TIMEOUT


def test_a_worker_that_is_late_is_ended_and_the_next_request_gets_a_new_one(slow: EncodedImage) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        _slowly(slow, limits=Limits(), budget=Budget(deadline=new_budget().deadline - 24.7))
    assert refused.value.refusal is Refusal.TIMEOUT
    assert small_picture(slow, limits=Limits(), budget=new_budget()).width == 1600


@pytest.fixture(scope="module")
def slow() -> EncodedImage:
    """An image whose median takes many seconds."""
    pixels = np.random.default_rng(1).integers(0, 256, (3000, 4000, 3), np.uint8)
    data = encoded(Image.fromarray(pixels), "JPEG")
    return EncodedImage(data=data, header=inspect(data, limits=Limits()))


def _slowly(slow: EncodedImage, *, limits: Limits, budget: Budget) -> None:
    make_picture(
        slow,
        plan=ImagePlan(operations=(Median(size=15),) * 3),
        accepted=AcceptedType.PLAIN,
        faces=(),
        overlays={},
        is_unsafe=False,
        limits=limits,
        budget=budget,
    )


@pytest.mark.usefixtures("delivering")
def test_the_function_lives_until_the_slowest_services_have_said_whether_a_result_may_stay() -> None:
    s3, dynamodb, sqs = (_slowest_answer(client) for client in (clients.s3(), clients.dynamodb(), clients.sqs()))
    check = s3 + dynamodb
    storing_and_taking_back = s3 + (1 + MAX_WATERMARKS) * check + sqs + s3
    assert STEP.timeout >= SECONDS + storing_and_taking_back


def _slowest_answer(client: Any) -> float:
    config = client.meta.config
    attempts = config.retries["total_max_attempts"]
    # "Standard retry mode" of boto3: the longest first wait is 1 s, and it doubles.
    waits = sum(2.0**number for number in range(attempts - 1))
    return float(attempts * (config.connect_timeout + config.read_timeout) + waits)
