"""What the reprocess decides of an upload, by evaluating its own expressions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.statemachines.definitions import REPROCESS, evaluate, read

DEFINITION = read(REPROCESS)
CHILDREN: dict[str, Any] = DEFINITION["States"]["Process Every Upload"]["ItemProcessor"]["States"]

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
CREATED = NOW - timedelta(days=10)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def iso(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def chosen(state: str, *, suffixes: str = "", **variables: Any) -> str:
    for choice in CHILDREN[state]["Choices"]:
        if evaluate(choice["Condition"].replace("${KeySuffixes}", suffixes), **variables) is True:
            return str(choice["Next"])
    return str(CHILDREN[state]["Default"])


@pytest.mark.parametrize(
    ("key", "size", "following"),
    [
        ("park/album/", 0, "Skipped"),
        ("park/album/", 1, "Find Version"),
        ("park/a.jpg", 0, "Find Version"),
        ("park/a.jpg", 1, "Find Version"),
        ("/", 0, "Skipped"),
    ],
)
def test_a_folder_marker_is_skipped(key: str, size: int, following: str) -> None:
    listed = {"key": key, "size": size, "lastModified": NOW.timestamp(), "since": None}
    assert chosen("Part of This Run?", states={"input": listed}) == following


@pytest.mark.parametrize(
    ("suffixes", "key", "following"),
    [
        ("", "park/a.txt", "Find Version"),
        (".jpg .JPG", "park/a.jpg", "Find Version"),
        (".jpg .JPG", "park/a.JPG", "Find Version"),
        (".jpg .JPG", "park/a.Jpg", "Skipped"),
        (".jpg", "park/a.jpg.txt", "Skipped"),
        (".jpg", "park/.jpg", "Find Version"),
        (".jpg", "jpg", "Skipped"),
    ],
)
def test_a_key_with_none_of_the_suffixes_is_skipped(suffixes: str, key: str, following: str) -> None:
    listed = {"key": key, "size": 1, "lastModified": NOW.timestamp(), "since": None}
    assert chosen("Part of This Run?", suffixes=suffixes, states={"input": listed}) == following


@pytest.mark.parametrize(
    ("since", "following"),
    [(NOW - SECOND, "Find Version"), (NOW, "Find Version"), (NOW + SECOND, "Skipped"), (NOW + HOUR, "Skipped")],
)
def test_uploads_older_than_since_are_skipped(since: datetime, following: str) -> None:
    listed = {"key": "park/a.jpg", "size": 1, "lastModified": NOW.timestamp(), "since": iso(since)}
    assert chosen("Part of This Run?", states={"input": listed}) == following


def status_of_head(**head: Any) -> Any:
    result = {"ETag": '"tag"', "ContentLength": 1, "LastModified": "2026-01-31T12:00:00Z", **head}
    listed = {"etag": "tag", "lastModified": int(NOW.timestamp())}
    return evaluate(CHILDREN["Find Version"]["Assign"]["status"], states={"input": listed, "result": result})


@pytest.mark.parametrize(
    "head",
    [
        {},
        {"StorageClass": "STANDARD_IA"},
        {"StorageClass": "GLACIER_IR"},
        {"StorageClass": "INTELLIGENT_TIERING"},
        {"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"'},
        {"StorageClass": "DEEP_ARCHIVE", "Restore": 'ongoing-request="false"'},
    ],
)
def test_readable_objects_are_processed(head: dict[str, str]) -> None:
    assert status_of_head(**head) is None


@pytest.mark.parametrize(
    "head",
    [
        {"StorageClass": "GLACIER"},
        {"StorageClass": "DEEP_ARCHIVE"},
        {"StorageClass": "GLACIER", "Restore": 'ongoing-request="true"'},
        {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "ARCHIVE_ACCESS"},
        {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "DEEP_ARCHIVE_ACCESS"},
        {
            "StorageClass": "INTELLIGENT_TIERING",
            "ArchiveStatus": "ARCHIVE_ACCESS",
            "Restore": 'ongoing-request="true"',
        },
    ],
)
def test_archived_objects_are_reported(head: dict[str, str]) -> None:
    assert status_of_head(**head) == "ARCHIVED"


@pytest.mark.parametrize("head", [{"ETag": '"other"'}, {"LastModified": "2026-01-31T12:00:01Z"}])
def test_objects_replaced_since_the_listing_are_reported(head: dict[str, str]) -> None:
    assert status_of_head(**head) == "REPLACED"
    assert status_of_head(**head, StorageClass="GLACIER") == "REPLACED"


def decided(
    *,
    age: timedelta,
    record: dict[str, Any] | None = None,
    older: dict[str, Any] | None = None,
    created: datetime = CREATED,
    version: str | None = None,
) -> tuple[str, str | None, str]:
    """The next state, status and sequencer of an upload, by its age, its version, and the newest records of its key."""
    stored = NOW - age
    states = {
        "input": {"lastModified": stored.timestamp(), "workflowCreated": created.timestamp() * 1000},
        "context": {"State": {"EnteredTime": iso(NOW)}},
        "result": {"Items": [{name: {"S": text} for name, text in it.items()} for it in (record, older) if it]},
    }
    assigned = {
        name: evaluate(text, states=states, versionId=version)
        for name, text in CHILDREN["Find Record"]["Assign"].items()
    }
    following = chosen("Whose Turn?", status=assigned["status"], recordedBy=assigned["recordedBy"])
    return following, assigned["status"], assigned["sequencer"]


def recorded(*, at: datetime, status: str = "PUBLISHED", **more: str) -> dict[str, str]:
    return {"sk": "UPLOAD#0017", "createdAt": iso(at), "status": status, "executionArn": "execution", **more}


@pytest.mark.parametrize("age", [timedelta(), timedelta(hours=24), timedelta(hours=25, seconds=-1)])
def test_an_upload_without_a_record_waits_for_its_own_event(age: timedelta) -> None:
    assert decided(age=age)[:2] == ("Count Outcome", "PENDING")


@pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(days=400)])
def test_an_upload_whose_event_will_not_arrive_is_processed_first(age: timedelta) -> None:
    assert decided(age=age) == ("Process Again", None, "0")


def test_an_upload_from_before_the_workflow_is_processed() -> None:
    assert decided(age=2 * HOUR, created=NOW - HOUR) == ("Process Again", None, "0")


def test_an_upload_from_just_before_the_workflow_may_still_get_its_event() -> None:
    created = NOW - HOUR
    assert decided(age=HOUR + timedelta(minutes=5), created=created)[1] == "PENDING"
    assert decided(age=HOUR + timedelta(minutes=6), created=created)[1] is None


@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED", "FAILED", "WITHDRAWN"])
def test_a_recorded_upload_is_processed_under_its_own_sequencer(status: str) -> None:
    record = recorded(at=NOW - timedelta(days=2), status=status)
    assert decided(age=timedelta(days=2), record=record) == ("Process Again", None, "0017")


@pytest.mark.parametrize(
    ("later", "sequencer"),
    [(timedelta(), "0017"), (timedelta(milliseconds=1), "0017"), (-timedelta(milliseconds=1), "0")],
)
def test_a_record_from_the_second_of_the_upload_belongs_to_it(later: timedelta, sequencer: str) -> None:
    age = timedelta(days=2)
    assert decided(age=age, record=recorded(at=NOW - age + later))[2] == sequencer


def test_a_record_from_before_the_upload_is_another_upload_s() -> None:
    record = recorded(at=NOW - timedelta(days=5), status="PROCESSING")
    assert decided(age=timedelta(days=2), record=record) == ("Process Again", None, "0")
    assert decided(age=HOUR, record=record)[:2] == ("Count Outcome", "PENDING")


@pytest.mark.parametrize("age", [HOUR, timedelta(days=2)])
@pytest.mark.parametrize("more", [{"status": "PROCESSING"}, {"status": "PUBLISHED", "claimedBy": "execution"}])
def test_an_upload_that_an_execution_works_on_is_left_alone(age: timedelta, more: dict[str, str]) -> None:
    record = recorded(at=NOW - age, **more)
    assert decided(age=age, record=record)[:2] == ("Count Outcome", "PROCESSING")


@pytest.mark.parametrize("age", [HOUR, timedelta(days=2)])
def test_the_record_of_the_current_version_matches_at_any_time(age: timedelta) -> None:
    mine = recorded(at=NOW - 2 * age, versionId="mine")
    newer = recorded(at=NOW, versionId="other") | {"sk": "UPLOAD#0018"}
    assert decided(age=age, record=mine, version="mine") == ("Process Again", None, "0017")
    assert decided(age=age, record=newer, older=mine, version="mine") == ("Process Again", None, "0017")


def test_the_record_of_another_version_is_another_upload_s() -> None:
    other = recorded(at=NOW, versionId="other")
    assert decided(age=HOUR, record=other, version="mine")[:2] == ("Count Outcome", "PENDING")
    assert decided(age=timedelta(days=2), record=other, version="mine") == ("Process Again", None, "0")


@pytest.mark.parametrize("version", [None, "null", "mine"])
def test_a_record_without_a_version_is_identified_by_its_time(version: str | None) -> None:
    age = timedelta(days=2)
    assert decided(age=age, record=recorded(at=NOW - age), version=version)[2] == "0017"
    assert decided(age=age, record=recorded(at=NOW - age - SECOND), version=version)[2] == "0"


def test_the_owner_of_a_record_is_checked_while_the_event_may_still_arrive() -> None:
    assert decided(age=HOUR, record=recorded(at=NOW))[0] == "Find Execution"


@pytest.mark.parametrize(
    ("processed", "status"),
    [
        ({"etag": "tag", "version-id": "mine"}, None),
        ({"etag": "tag"}, None),
        ({"etag": "tag", "version-id": "before"}, "PENDING"),
        ({"etag": "other", "version-id": "mine"}, "PENDING"),
        ({"etag": "other"}, "PENDING"),
    ],
)
def test_an_execution_of_another_upload_means_that_the_event_has_not_arrived(
    processed: dict[str, str], status: str | None
) -> None:
    expression = CHILDREN["Find Execution"]["Assign"]["status"]
    result = {"Input": json.dumps({"detail": {"object": {"key": "park/a.jpg", **processed}}})}
    assert evaluate(expression, states={"result": result}, etag="tag", versionId="mine") == status
    assert chosen("Whose Turn?", status=None, recordedBy=None) == "Process Again"


def test_an_execution_that_is_forgotten_leaves_the_upload_to_its_event() -> None:
    forgotten = CHILDREN["Find Execution"]["Catch"][0]
    assert forgotten["ErrorEquals"] == ["Sfn.ExecutionDoesNotExistException"]
    assert (forgotten["Assign"], forgotten["Next"]) == ({"status": "PENDING"}, "Count Outcome")
