"""What a reprocess asks and answers, by evaluating its expressions; test_reprocess_decisions has what it decides."""

from typing import Any

import pytest
from tests.statemachines.definitions import REPROCESS, evaluate, machines, read, states

DEFINITION = read(REPROCESS)
(EVERY_UPLOAD,) = states(DEFINITION, "Map").values()
CHILDREN = {name: state for machine in machines(DEFINITION) for name, state in machine["States"].items()}


@pytest.mark.parametrize(
    ("asked", "bound"), [(None, 10), (1, 1), (9, 9), (10, 10), (11, 10), (10_000, 10), (0, 1), (-5, 1)]
)
def test_a_run_can_lower_the_concurrency_but_not_raise_it(asked: int | None, bound: int) -> None:
    expression = EVERY_UPLOAD["MaxConcurrency"].replace("${MaxConcurrency}", "10")
    given = {} if asked is None else {"concurrency": asked}
    assert evaluate(expression, states={"input": given}) == bound


@pytest.mark.parametrize(
    ("own", "given", "prefix"),
    [
        ("incoming/", {}, "incoming/"),
        ("incoming/", {"prefix": "incoming/p1/"}, "incoming/p1/"),
        ("", {}, ""),
        ("", {"prefix": ""}, ""),
    ],
)
def test_a_run_lists_the_workflow_s_prefix_by_default(own: str, given: dict[str, str], prefix: str) -> None:
    expression = EVERY_UPLOAD["ItemReader"]["Arguments"]["Prefix"].replace("${KeyPrefix}", own)
    assert evaluate(expression, states={"input": given}) == prefix


def test_the_records_of_a_key_are_read_newest_first_and_as_they_are_now() -> None:
    query = CHILDREN["Find Record"]["Arguments"]
    assert (query["ScanIndexForward"], query["ConsistentRead"]) == (False, True)


@pytest.mark.parametrize("version", [None, "v1"])
def test_the_event_names_the_version_if_there_is_one(version: str | None) -> None:
    made = evaluate(
        CHILDREN["Process Again"]["Arguments"]["Input"]["detail"]["object"],
        states={"input": {"key": "p1/a.jpg"}},
        size=7,
        etag="e1",
        sequencer="0A",
        versionId=version,
    )
    expected = {"key": "p1/a.jpg", "size": 7, "etag": "e1", "sequencer": "0A"}
    assert made == expected | ({} if version is None else {"version-id": version})


@pytest.mark.parametrize(
    ("item", "outcomes"),
    [
        ({}, {}),
        ({"Item": {"pk": {"S": "REPROCESS#r"}, "PUBLISHED": {"N": "12"}}}, {"PUBLISHED": 12}),
        (
            {"Item": {"sk": {"S": "OUTCOMES"}, "PUBLISHED": {"N": "1"}, "REJECTED": {"N": "2"}}},
            {"PUBLISHED": 1, "REJECTED": 2},
        ),
    ],
)
def test_a_run_returns_the_number_of_each_outcome(item: dict[str, Any], outcomes: dict[str, int]) -> None:
    assert evaluate(CHILDREN["Read Outcomes"]["Output"]["outcomes"], states={"result": item}) == outcomes
