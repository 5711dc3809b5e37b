"""Calls of Rekognition are spaced, also those that the SDK repeats by itself."""

from contextlib import suppress
from itertools import pairwise
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import FAKE_SESSION

from awskit.clients import client_config
from awskit.redaction.pace import Pace, pace_calls


class FakeTime:
    """A clock that only waiting and the test advance."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def paced(time: FakeTime, *, per_second: float) -> Pace:
    return Pace(per_second=per_second, clock=time.clock, wait=time.wait)


@given(per_second=st.floats(0.5, 50), pauses=st.lists(st.floats(0, 3), min_size=2, max_size=30))
def test_two_calls_are_never_closer_than_the_pace(per_second: float, pauses: list[float]) -> None:
    time = FakeTime()
    pace = paced(time, per_second=per_second)
    made = []
    for pause in pauses:
        time.now += pause
        pace.keep()
        made.append(time.now)
    assert all(later - earlier >= 1 / per_second - 1e-9 for earlier, later in pairwise(made))


def test_the_first_call_does_not_wait() -> None:
    time = FakeTime()
    paced(time, per_second=1).keep()
    assert time.now == 100.0


class Raw:
    """The body of a fake answer."""

    def stream(self, **_: Any) -> Any:
        yield b"{}"


def test_attempts_of_the_sdk_count_as_calls() -> None:
    time, sent = FakeTime(), []
    client = FAKE_SESSION.client("rekognition", config=client_config(read_timeout=1, attempts=2))
    pace_calls(client, pace=paced(time, per_second=2))

    def refuse(**_: Any) -> AWSResponse:
        sent.append(time.now)
        return AWSResponse("https://rekognition", 500, HTTPHeaders(), Raw())

    events: Any = client.meta.events
    events.register_last("before-send", refuse)
    with suppress(ClientError):
        client.detect_faces(Image={"Bytes": b"x"})
    assert [at - sent[0] for at in sent] == [0.0, 0.5]
