"""A function of the user's own as a check, deployed for real with permissions enforced."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.statemachines.conftest import Deployment, Outcome, running_deployment

APP = Path(__file__).with_name("own_checks.py")
TYPES = ["accepted", "rejected", "everything", "large", "malformed", "error", "constructor", "__proto__"]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    places = {f"place-{place_type}": place_type for place_type in TYPES}
    with running_deployment(tmp_path_factory.mktemp("deployment"), app=APP, places=places) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def outcomes(deployed: Deployment) -> dict[str, Outcome]:
    """What happened to an upload to a place of each type, all of them at once."""
    picture = deployed.samples.landscape.read_bytes()
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(
            lambda place_type: deployed.outcome(version="own", key=f"place-{place_type}/a.jpg", body=picture), TYPES
        )
        return dict(zip(TYPES, done, strict=True))


def verdicts(outcome: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(outcome.record["checks"])
    return found


def test_an_image_that_it_accepts_is_published(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["accepted"].record["status"] == "PUBLISHED"
    assert verdicts(outcomes["accepted"]) == [{"check": "told", "accepted": True, "reason": None, "detail": {}}]


def test_only_the_renditions_of_its_route_are_made(deployed: Deployment, outcomes: dict[str, Outcome]) -> None:
    assert [rendition["name"] for rendition in outcomes["accepted"].record["renditions"]] == ["small"]
    (key,) = deployed.published(version="own", key="place-accepted/a.jpg")
    assert key.endswith("/small.jpg")


def test_its_rejection_is_the_uploads(outcomes: dict[str, Outcome]) -> None:
    record = outcomes["rejected"].record
    assert (record["status"], record["reason"]) == ("REJECTED", "TOO_BLUE")
    assert json.loads(record["detail"]) == {"blue": 9}


def test_it_gets_what_every_check_gets(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["everything"]
    detail = json.loads(outcome.record["detail"])
    assert detail["image"]["key"] == "place-everything/a.jpg"
    assert detail["execution"] == outcome.execution
    assert {"bucket", "key"} <= detail["analysis"].keys()
    assert detail["check"] == {"answer": "everything"}


def test_ten_large_answers_are_recorded_without_their_details(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["large"].record["reason"] == "LARGE"
    assert [verdict["detail"] for verdict in verdicts(outcomes["large"])] == [{"omitted": 100_011}] * 10


def test_an_invalid_answer_never_accepts(outcomes: dict[str, Outcome]) -> None:
    record = outcomes["malformed"].record
    assert (record["status"], record["reason"]) == ("REJECTED", "CHECK_NOT_MADE")
    assert verdicts(outcomes["malformed"])[0]["detail"]["error"] == "MalformedAnswer"


def test_an_exception_fails_the_upload_and_the_execution(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["error"]
    assert (outcome.record["status"], outcome.status, outcome.states[-1]) == ("FAILED", "FAILED", "Failed")
    assert json.loads(outcome.record["detail"])["cause"].startswith("told: RuntimeError")
    assert outcome.error == "States.QueryEvaluationError"


@pytest.mark.parametrize("place_type", ["constructor", "__proto__"])
def test_a_place_of_a_type_named_like_an_object_property_is_rejected(
    outcomes: dict[str, Outcome], place_type: str
) -> None:
    record = outcomes[place_type].record
    assert (record["status"], record["reason"]) == ("REJECTED", "UNSUPPORTED_PLACE_TYPE")
