"""A limit of calls a second, changed while the stand-in runs, and the calls that it counts."""

import hashlib
import itertools
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from tests.local.rekognition import photographs
from tests.local.rekognition.stand_in import (
    StandIn,
    command,
    environment,
    rekognition_client,
    running_stand_in,
)

from safelight_local.rekognition.calls import OPERATIONS, CallLog
from safelight_local.rekognition.limits import CallLimit, InvalidLimitError, parse_limit
from safelight_local.rekognition.server import CALLS_PATH, FIXTURES_PATH, LIMITS_PATH

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

rates = st.floats(0.1, 50)
pauses = st.lists(st.floats(0, 2), min_size=1, max_size=100)


class Clock:
    """A fake clock, which a test advances."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def unused(tmp_path: Path) -> Iterator[StandIn]:
    """A separate stand-in, started with a limit of zero calls."""
    with running_stand_in(tmp_path, variables={}, more=["--calls-per-second", "0"]) as started:
        yield started


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with running_stand_in(tmp_path_factory.mktemp("limits"), variables={}) as started:
        yield started


@pytest.fixture
def limited(shared: StandIn) -> StandIn:
    """A stand-in that answers no call until the test lets it."""
    put_limit(shared, {"callsPerSecond": 0})
    return shared


def put_limit(stand_in: StandIn, limit: Any) -> Any:
    return stand_in.send("PUT", LIMITS_PATH, body=json.dumps(limit).encode())


def calls(stand_in: StandIn, operation: str) -> dict[str, Any]:
    counted: dict[str, Any] = stand_in.send("GET", CALLS_PATH).body[operation]
    return counted


def detect_labels(client: "RekognitionClient") -> Any:
    return client.detect_labels(Image={"Bytes": photographs.encoded(photographs.cat())})


def test_a_call_over_the_limit_gets_the_error_of_rekognition(limited: StandIn) -> None:
    client = rekognition_client(limited)
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException) as refused:
        detect_labels(client)
    assert refused.value.response["Error"]["Message"] == "Provisioned rate exceeded"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_limit_is_lifted_while_the_stand_in_runs(limited: StandIn) -> None:
    assert put_limit(limited, {"callsPerSecond": None}).body == {"callsPerSecond": None}
    assert detect_labels(rekognition_client(limited))["Labels"]


def test_a_limit_is_changed_while_the_stand_in_runs(limited: StandIn) -> None:
    # A call an hour: the first takes the one token, and the test is over before there is another.
    put_limit(limited, {"callsPerSecond": 1 / 3600})
    client = rekognition_client(limited)
    assert detect_labels(client)["Labels"]
    with pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        detect_labels(client)
    assert limited.send("GET", LIMITS_PATH).body == {"callsPerSecond": pytest.approx(1 / 3600)}


def test_each_operation_has_a_limit_of_its_own(limited: StandIn) -> None:
    put_limit(limited, {"callsPerSecond": 1 / 3600})
    client = rekognition_client(limited)
    detect_labels(client)
    assert client.detect_faces(Image={"Bytes": photographs.encoded(photographs.cat())})["FaceDetails"] == []


def test_a_client_that_retries_gets_through_a_limit(unused: StandIn) -> None:
    put_limit(unused, {"callsPerSecond": 10})
    client = rekognition_client(unused, max_attempts=10)
    answers = [detect_labels(client) for _ in range(15)]
    assert all(answer["Labels"] for answer in answers)
    assert calls(unused, "DetectLabels")["answered"] == 15


def test_calls_are_counted_by_how_they_ended(unused: StandIn) -> None:
    client = rekognition_client(unused)
    for _ in range(2):
        with pytest.raises(ClientError):
            detect_labels(client)
    put_limit(unused, {"callsPerSecond": None})
    detect_labels(client)
    with pytest.raises(ClientError):
        client.detect_labels(Image={"Bytes": b"no image"})
    counted = calls(unused, "DetectLabels")
    assert (counted["answered"], counted["throttled"], counted["refused"]) == (1, 2, 1)
    assert len(counted["timestamps"]) == 4
    assert calls(unused, "DetectText") == {"answered": 0, "throttled": 0, "refused": 0, "timestamps": []}


def test_a_call_that_a_fixture_throttles_is_counted_as_throttled(unused: StandIn) -> None:
    put_limit(unused, {"callsPerSecond": None})
    data = photographs.encoded(photographs.cat())
    throttled = {"error": {"code": "ThrottlingException", "message": "Slow down"}}
    fixture = {"sha256": hashlib.sha256(data).hexdigest(), "answers": {"DetectLabels": [throttled]}}
    unused.send("PUT", f"{FIXTURES_PATH}/slow", body=json.dumps(fixture).encode())
    with pytest.raises(ClientError, match="ThrottlingException"):
        detect_labels(rekognition_client(unused))
    assert calls(unused, "DetectLabels")["throttled"] == 1


def test_a_call_of_an_unknown_operation_is_not_counted(limited: StandIn) -> None:
    limited.call("CompareFaces", {})
    assert set(limited.send("GET", CALLS_PATH).body) == set(OPERATIONS)


@pytest.mark.parametrize("limit", [5, {}, {"callsPerSecond": "5"}, {"callsPerSecond": -1}, {"perSecond": 5}])
def test_an_invalid_limit_is_rejected_and_changes_nothing(limited: StandIn, limit: Any) -> None:
    answer = put_limit(limited, limit)
    assert (answer.status, answer.body["__type"]) == (400, "InvalidLimit")
    assert limited.send("GET", LIMITS_PATH).body == {"callsPerSecond": 0}


def test_a_limit_that_is_not_json_is_rejected(limited: StandIn) -> None:
    answer = limited.send("PUT", LIMITS_PATH, body=b"five")
    assert (answer.status, answer.body["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("limit", ["five", "-1", "nan", "inf"])
def test_a_limit_on_the_command_line_is_a_number_of_at_least_zero(limit: str) -> None:
    ended = subprocess.run(
        command("--port", "1", f"--calls-per-second={limit}"), env=environment({}), capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert f"'{limit}' is not a number from 0 on" in ended.stderr


@pytest.mark.parametrize("limit", [True, float("nan"), float("inf"), [5]])
def test_a_limit_must_be_a_number(limit: Any) -> None:
    with pytest.raises(InvalidLimitError):
        parse_limit({"callsPerSecond": limit})


@given(rates, pauses)
def test_no_time_span_has_more_calls_than_tokens(rate: float, waits: list[float]) -> None:
    clock = Clock()
    limit = CallLimit(rate, clock=clock)
    admitted = []
    for wait in waits:
        clock.now += wait
        if limit.admits("DetectLabels"):
            admitted.append(clock.now)
    for (first, began), (last, ended) in itertools.combinations(enumerate(admitted), 2):
        assert last - first + 1 <= max(1, rate) + (ended - began) * rate + 1e-6


@given(rates)
def test_a_caller_that_keeps_to_the_limit_is_never_throttled(rate: float) -> None:
    clock = Clock()
    limit = CallLimit(rate, clock=clock)
    for _ in range(20):
        assert limit.admits("DetectLabels")
        clock.now += 1.000001 / rate


def test_the_calls_of_one_second_may_come_at_once() -> None:
    limit = CallLimit(5, clock=Clock())
    assert [limit.admits("DetectLabels") for _ in range(7)] == [True] * 5 + [False] * 2


def test_without_a_limit_every_call_is_admitted() -> None:
    limit = CallLimit(None, clock=Clock())
    assert all(limit.admits("DetectLabels") for _ in range(1000))


def test_the_timestamps_of_calls_are_in_order_of_arrival() -> None:
    log = CallLog(["DetectLabels"])
    for came_at in (3, 1, 2):
        log.add("DetectLabels", came_at=came_at, error=None)
    assert log.summary()["DetectLabels"]["timestamps"] == [1, 2, 3]
