from collections.abc import Iterator
from typing import Any

import pytest

from awskit import clients
from awskit.rekognition import client
from safelight.image_workflow.steps import BACKGROUND_DEFINITIONS, STEP_DEFINITIONS

SECONDS_FOR_ALL_ELSE = 10
MADE = [clients.s3, client.rekognition, clients.dynamodb, clients.events, clients.stepfunctions]


@pytest.fixture
def _in_a_region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for make in MADE:
        make.cache_clear()
    yield
    for make in MADE:
        make.cache_clear()


@pytest.mark.usefixtures("_in_a_region")
@pytest.mark.parametrize("make", MADE, ids=["s3", "rekognition", "dynamodb", "events", "stepfunctions"])
def test_a_service_that_does_not_answer_is_given_up_ten_seconds_before_any_function_times_out(make: Any) -> None:
    config = make().meta.config
    attempts = config.retries["total_max_attempts"]
    # The SDK's standard mode waits up to 1 s before the second attempt, and twice as long before each further one.
    waits = 2 ** (attempts - 1) - 1
    seconds = attempts * (config.connect_timeout + config.read_timeout) + waits
    functions = (*STEP_DEFINITIONS.values(), *BACKGROUND_DEFINITIONS.values())
    assert seconds + SECONDS_FOR_ALL_ELSE <= min(function.timeout for function in functions)
