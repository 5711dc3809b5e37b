"""What a reprocess decides, by evaluating its own expressions: which uploads, how many at once, under which record."""

from typing import Any

import pytest
from tests.statemachines.definitions import STATE_MACHINES, evaluate, machines, read, states

DEFINITION = read(STATE_MACHINES / "reprocess" / "v1.asl.json")
(EVERY_UPLOAD,) = states(DEFINITION, "Map").values()
CHILDREN = {name: state for machine in machines(DEFINITION) for name, state in machine["States"].items()}


@pytest.mark.parametrize(
    ("asked", "bound"), [(None, 10), (1, 1), (9, 9), (10, 10), (11, 10), (10_000, 10), (0, 1), (-5, 1)]
)
def test_a_run_may_ask_for_fewer_at_once_and_never_for_more(asked: int | None, bound: int) -> None:
    expression = EVERY_UPLOAD["MaxConcurrency"].replace("${MaxConcurrency}", "10")
    given = {} if asked is None else {"concurrency": asked}
    assert evaluate(expression, states={"input": given}) == bound


@pytest.mark.parametrize(("given", "prefix"), [({}, "incoming/"), ({"prefix": "incoming/p1/"}, "incoming/p1/")])
def test_a_run_lists_the_workflow_s_own_prefix_unless_told_another(given: dict[str, str], prefix: str) -> None:
    expression = EVERY_UPLOAD["ItemReader"]["Arguments"]["Prefix"].replace("${KeyPrefix}", "incoming/")
    assert evaluate(expression, states={"input": given}) == prefix


UPLOADED = 1769817600
"""2026-01-31T00:00:00Z."""


@pytest.mark.parametrize(
    ("since", "following"),
    [
        (None, "Find Version"),
        ("2026-01-30T23:59:59Z", "Find Version"),
        ("2026-01-31T00:00:00Z", "Find Version"),
        ("2026-01-31T00:00:01Z", "Too Old"),
    ],
)
def test_an_upload_is_recent_from_the_very_second_on_that_is_asked_for(since: str | None, following: str) -> None:
    given = {"input": {"since": since, "lastModified": UPLOADED}}
    assert next_state("Recent Enough?", states=given) == following


@pytest.mark.parametrize(("etag", "following"), [("e1", "Find Record"), ("e2", "Count Outcome"), ("", "Count Outcome")])
def test_an_upload_that_was_replaced_since_the_list_was_made_is_left_alone(etag: str, following: str) -> None:
    assert next_state("Still the Same?", etag=etag, states={"input": {"etag": "e1"}}) == following


def next_state(name: str, **variables: Any) -> str:
    for choice in CHILDREN[name]["Choices"]:
        if evaluate(choice["Condition"], **variables) is True:
            return str(choice["Next"])
    return str(CHILDREN[name]["Default"])


def sequencer(*records: dict[str, Any], uploaded: int) -> Any:
    result = {"Items": list(records), "Count": len(records)}
    given = {"result": result, "input": {"lastModified": uploaded}}
    return evaluate(CHILDREN["Find Record"]["Assign"]["sequencer"], states=given)


def record(sort_key: str, *, created: str) -> dict[str, Any]:
    return {"sk": {"S": sort_key}, "createdAt": {"S": created}}


def test_an_upload_is_processed_again_under_its_own_record() -> None:
    found = record("UPLOAD#00AB", created="2026-01-31T00:00:01.000Z")
    assert sequencer(found, uploaded=UPLOADED) == "00AB"


def test_a_record_that_is_older_than_the_upload_is_another_upload_s() -> None:
    found = record("UPLOAD#00AB", created="2026-01-30T23:59:59.999Z")
    assert sequencer(found, uploaded=UPLOADED) == "0"


def test_a_record_of_the_very_second_of_the_upload_is_its_own() -> None:
    found = record("UPLOAD#00AB", created="2026-01-31T00:00:00.000Z")
    assert sequencer(found, uploaded=UPLOADED) == "00AB"


def test_an_upload_without_a_record_comes_before_all_that_have_one() -> None:
    assert sequencer(uploaded=UPLOADED) == "0"


def test_the_newest_record_of_a_key_is_read_as_it_is_now() -> None:
    query = CHILDREN["Find Record"]["Arguments"]
    assert (query["ScanIndexForward"], query["Limit"], query["ConsistentRead"]) == (False, 1, True)


@pytest.mark.parametrize("version", [None, "v1"])
def test_the_event_names_the_version_where_there_is_one(version: str | None) -> None:
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
def test_a_run_answers_with_how_many_had_which_outcome(item: dict[str, Any], outcomes: dict[str, int]) -> None:
    assert evaluate(CHILDREN["Read Outcomes"]["Output"]["outcomes"], states={"result": item}) == outcomes
