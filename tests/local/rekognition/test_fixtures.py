"""Fixtures: answers and errors for images that a test names."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
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

from safelight_local.errors import UserError
from safelight_local.rekognition.calls import OPERATIONS
from safelight_local.rekognition.errors import ServiceError
from safelight_local.rekognition.fixtures import (
    FixtureBook,
    InvalidFixtureError,
    parse_fixture,
    parse_fixtures,
    read_fixtures,
)
from safelight_local.rekognition.server import FIXTURES_PATH
from safelight_local.servers import free_port

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

VIOLENCE = {
    "ModerationLabels": [{"Name": "Violence", "Confidence": 98.5, "ParentName": "", "TaxonomyLevel": 1}],
    "ModerationModelVersion": "7.0",
}
THROTTLED = {"error": {"code": "ThrottlingException", "message": "Slow down"}}


def violent(**image: str) -> dict[str, Any]:
    return {**image, "answers": {"DetectModerationLabels": [{"response": VIOLENCE}]}}


def book_of(**sources: Any) -> FixtureBook:
    book = FixtureBook()
    book.replace(parse_fixtures(sources, operations=OPERATIONS))
    return book


def moderation_reply(book: FixtureBook, *, key: str | None = None, sha256: str = "") -> Any:
    served = book.reply("DetectModerationLabels", key=key, sha256=sha256)
    return served and served.outcome


def unlike_any_other(seed: str) -> bytes:
    """Return a photograph of a cat whose bytes no other test sends."""
    return photographs.encoded(photographs.cat(), comment=seed.encode())


@pytest.fixture
def put(stand_in: StandIn) -> Iterator[Any]:
    """Add a fixture to the running stand-in, and remove it after the test."""
    names = []

    def put_fixture(name: str, fixture: Any) -> Any:
        names.append(name)
        return stand_in.send("PUT", f"{FIXTURES_PATH}/{name}", body=json.dumps(fixture).encode())

    yield put_fixture
    for name in names:
        stand_in.send("DELETE", f"{FIXTURES_PATH}/{name}")


def test_an_image_named_by_its_sha256_gets_the_fixtures_answer(rekognition: "RekognitionClient", put: Any) -> None:
    data = unlike_any_other("sha256")
    put("by-sha256", violent(sha256=hashlib.sha256(data).hexdigest()))
    answer = rekognition.detect_moderation_labels(Image={"Bytes": data})
    assert answer["ModerationLabels"] == VIOLENCE["ModerationLabels"]


def test_an_answer_of_a_fixture_names_the_fixture(stand_in: StandIn, put: Any) -> None:
    data = unlike_any_other("header")
    put("says-so", violent(sha256=hashlib.sha256(data).hexdigest()))
    answer = stand_in.call("DetectModerationLabels", {"Image": {"Bytes": base64.b64encode(data).decode()}})
    assert answer.headers["x-safelight-fixture"] == "says-so"
    assert "DetectModerationLabels answered in" in stand_in.log.read_text()
    assert "by the fixture says-so" in stand_in.log.read_text()


def test_an_answer_of_the_model_does_not_say_it_is_a_fixtures(stand_in: StandIn) -> None:
    data = base64.b64encode(unlike_any_other("model")).decode()
    answer = stand_in.call("DetectModerationLabels", {"Image": {"Bytes": data}})
    assert "x-safelight-fixture" not in answer.headers


def test_a_fixture_leaves_other_operations_to_the_model(rekognition: "RekognitionClient", put: Any) -> None:
    data = unlike_any_other("other operation")
    put("moderation-only", violent(sha256=hashlib.sha256(data).hexdigest()))
    answer = rekognition.detect_labels(Image={"Bytes": data})
    assert "Cat" in {label["Name"] for label in answer["Labels"]}


def test_a_fixture_error_is_served_the_given_number_of_times(rekognition: "RekognitionClient", put: Any) -> None:
    data = unlike_any_other("throttled")
    replies = [{**THROTTLED, "times": 2}]
    put(
        "throttled-twice",
        {"sha256": hashlib.sha256(data).hexdigest(), "answers": {"DetectLabels": replies}},
    )
    for _ in range(2):
        with pytest.raises(rekognition.exceptions.ThrottlingException, match="Slow down"):
            rekognition.detect_labels(Image={"Bytes": data})
    assert "Cat" in {label["Name"] for label in rekognition.detect_labels(Image={"Bytes": data})["Labels"]}


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDeniedException", 400), ("InternalServerError", 500), ("ThrottlingException", 500)]
)
def test_an_error_of_a_fixture_has_the_status_that_aws_gives_it(
    stand_in: StandIn, put: Any, code: str, status: int
) -> None:
    data = unlike_any_other(code)
    error = {"error": {"code": code, "message": "As asked"}}
    put(code, {"sha256": hashlib.sha256(data).hexdigest(), "answers": {"DetectLabels": [error]}})
    answer = stand_in.call("DetectLabels", {"Image": {"Bytes": base64.b64encode(data).decode()}})
    assert (answer.status, answer.body["__type"], answer.body["message"]) == (status, code, "As asked")


def test_fixtures_put_by_name_leave_one_another_alone(stand_in: StandIn, put: Any) -> None:
    put("one", violent(key="one/*"))
    put("two", violent(key="two/*"))
    assert {"one", "two"} <= stand_in.send("GET", FIXTURES_PATH).body.keys()
    stand_in.send("DELETE", f"{FIXTURES_PATH}/one")
    left = stand_in.send("GET", FIXTURES_PATH).body
    assert "one" not in left
    assert left["two"] == violent(key="two/*")


def test_a_missing_fixture_cannot_be_deleted(stand_in: StandIn) -> None:
    assert stand_in.send("DELETE", f"{FIXTURES_PATH}/never-put").status == 404


def test_an_invalid_fixture_is_rejected_with_the_reason(put: Any) -> None:
    answer = put("wrong", {"key": "*", "answers": {"CompareFaces": []}})
    assert answer.status == 400
    assert "no operation CompareFaces" in answer.body["message"]


def test_a_fixture_that_is_not_json_is_rejected(stand_in: StandIn) -> None:
    assert stand_in.send("PUT", f"{FIXTURES_PATH}/wrong", body=b"{").status == 400


def test_fixtures_of_a_file_are_active_from_the_start_and_can_be_replaced(tmp_path: Path) -> None:
    data = unlike_any_other("file")
    file = tmp_path / "fixtures.json"
    file.write_text(json.dumps({"of-the-file": violent(sha256=hashlib.sha256(data).hexdigest())}))
    with running_stand_in(tmp_path, variables={}, more=["--fixtures", str(file)]) as stand_in:
        client = rekognition_client(stand_in)
        assert client.detect_moderation_labels(Image={"Bytes": data})["ModerationLabels"]
        stand_in.send("PUT", FIXTURES_PATH, body=b"{}")
        assert not client.detect_moderation_labels(Image={"Bytes": data})["ModerationLabels"]


def test_an_invalid_fixtures_file_stops_the_stand_in_with_one_line(tmp_path: Path) -> None:
    file = tmp_path / "fixtures.json"
    file.write_text(json.dumps({"wrong": {"key": "*"}}))
    ended = subprocess.run(
        command("--port", str(free_port()), "--fixtures", str(file)),
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == f"error: fixtures file {file}: fixture 'wrong': `answers` is missing\n"


def test_a_file_of_fixtures_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read the fixtures file .*nowhere\.json"):
        read_fixtures(tmp_path / "nowhere.json", operations=OPERATIONS)


@pytest.mark.parametrize("key", ["park/p1/unsafe.jpg", "park/p q/r+s/unsafe.jpg"])
def test_a_pattern_of_keys_matches_across_slashes(key: str) -> None:
    assert moderation_reply(book_of(unsafe=violent(key="park/*/unsafe.jpg")), key=key) == VIOLENCE


@pytest.mark.parametrize("key", ["park/p1/safe.jpg", "PARK/p1/unsafe.jpg", None])
def test_a_pattern_of_keys_matches_no_other_image(key: str | None) -> None:
    assert moderation_reply(book_of(unsafe=violent(key="park/*/unsafe.jpg")), key=key) is None


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_each_reply_is_served_as_often_as_it_says_and_in_order(times: list[int]) -> None:
    replies = [
        {"error": {"code": "ThrottlingException", "message": str(number)}, "times": count}
        for number, count in enumerate(times)
    ]
    book = book_of(several={"key": "*", "answers": {"DetectModerationLabels": replies}})
    outcomes = [moderation_reply(book, key="a.jpg") for _ in range(sum(times) + 1)]
    expected = [str(number) for number, count in enumerate(times) for _ in range(count)]
    assert [str(outcome) for outcome in outcomes[:-1]] == expected
    assert all(isinstance(outcome, ServiceError) for outcome in outcomes[:-1])
    assert outcomes[-1] is None


def test_a_replaced_fixture_counts_from_zero() -> None:
    source = {"key": "*", "answers": {"DetectModerationLabels": [{**THROTTLED, "times": 1}]}}
    book = book_of(again=source)
    moderation_reply(book, key="a.jpg")
    assert moderation_reply(book, key="a.jpg") is None
    book.put("again", parse_fixture("again", source, operations=OPERATIONS))
    assert moderation_reply(book, key="a.jpg") is not None


REPLIES = {"DetectModerationLabels": [{"response": VIOLENCE}]}


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("a/b", violent(key="*"), "a name has"),
        ("f", [], "it is a JSON object"),
        ("f", {"answers": REPLIES}, "by `key` or by `sha256`"),
        ("f", {"key": 1, "answers": REPLIES}, "`key` is text"),
        ("f", {"sha256": "ABC", "answers": REPLIES}, "64 hexadecimal digits"),
        ("f", {"key": "*", "answers": {}}, "not empty"),
        ("f", {"key": "*", "answers": REPLIES, "bucket": "b"}, "`bucket` is not known"),
        ("f", {"key": "*", "answers": {"DetectLabels": [{}]}}, "either a `response` or an `error`"),
        ("f", {"key": "*", "answers": {"DetectLabels": []}}, "not empty"),
        ("f", {"key": "*", "answers": {"DetectLabels": [{"response": {"Label": []}}]}}, "not an answer of"),
        (
            "f",
            {"key": "*", "answers": {"DetectLabels": [{"response": {"Labels": [{"Name": 1}]}}]}},
            "not an answer of",
        ),
        (
            "f",
            {"key": "*", "answers": {"DetectLabels": [{"error": {"code": "Oops", "message": ""}}]}},
            "has no error Oops",
        ),
        (
            "f",
            {"key": "*", "answers": {"DetectLabels": [{"error": {"code": "ThrottlingException"}}]}},
            "`message` is missing",
        ),
        ("f", {"key": "*", "answers": {"DetectLabels": [{**THROTTLED, "times": 0}]}}, "from 1 on"),
    ],
)
def test_the_error_of_an_invalid_fixture_says_where_and_why(name: str, source: Any, reason: str) -> None:
    with pytest.raises(InvalidFixtureError, match=r"fixture '(f|a/b)'.*") as refused:
        parse_fixture(name, source, operations=OPERATIONS)
    assert reason in str(refused.value)
