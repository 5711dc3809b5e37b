"""The renditions and the asset after an upload is published, replaced, rejected or deleted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.executing import ARN, Executing
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.outcomes.announcements import AnnouncementRefused
from awskit.outcomes.publication import AttemptSweptError, ClaimLostError
from awskit.records.rendition_sets import SetKind, open_sets, open_sets_of, remove_renditions
from awskit.records.table import item, plain
from awskit.records.transactions import TransactionConflict
from awskit.rejection import RejectedImage
from image_workflow.publish.handler import handler as publish_handler

CLAIMING = "v5"
EVERY = ["v1", "v2", "v3", "v4", "v5"]
PADDED = {sequencer: sequencer.rjust(32, "0") for sequencer in ("0A", "0B", "0C")}


def asset(aws: Recorded) -> dict[str, Any]:
    return plain(aws.asset_item())


def record(aws: Recorded, *, sequencer: str = "0A") -> dict[str, Any]:
    return plain(aws.upload_item(sequencer=sequencer))


@pytest.mark.parametrize("version", EVERY)
def test_a_published_set_has_no_item(aws: Recorded, executing: Executing, version: str) -> None:
    event = executing.event()
    assert executing.run(event, version=version) == "PUBLISHED"
    assert aws.open_items() == []
    assert aws.keys() == executing.written_by(event)


@pytest.mark.parametrize("version", EVERY)
def test_a_newer_upload_moves_the_asset_to_its_set_and_the_replaced_one_stays_for_a_day(
    aws: Recorded, executing: Executing, version: str
) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(older, version=version)
    before = datetime.now(UTC)
    executing.run(newer, version=version)
    assert asset(aws)["prefix"] == executing.set_of(newer).prefix
    (obsolete,) = aws.open_items()
    assert (obsolete["kind"], obsolete["prefix"]) == ("OBSOLETE", executing.set_of(older).prefix)
    kept = datetime.fromisoformat(obsolete["dueAt"]) - before
    assert timedelta(days=1) - timedelta(seconds=1) < kept < timedelta(days=1, minutes=10)
    assert aws.keys() == sorted(executing.written_by(older) + executing.written_by(newer))


def test_the_replaced_record_stays_published_and_names_its_replacement(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event())
    before = record(aws)
    executing.run(executing.event(sequencer="0B", execution="second"))
    assert record(aws) == before | {"supersededBy": PADDED["0B"]}


@pytest.mark.parametrize("version", EVERY)
def test_an_older_upload_removes_its_own_set_and_is_superseded(
    aws: Recorded, executing: Executing, version: str
) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(newer, version=version)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        executing.run(older, version=version)
    assert aws.keys() == executing.written_by(newer)
    assert asset(aws)["sequencer"] == PADDED["0B"]


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_a_duplicate_removes_its_own_set_and_no_other(aws: Recorded, executing: Executing, version: str) -> None:
    first, duplicate = executing.event(), executing.event(execution="second")
    executing.run(first, version=version)
    pointer = asset(aws)
    assert executing.run(duplicate, version=version) == "PUBLISHED"
    assert aws.keys() == executing.written_by(first)
    assert asset(aws) == pointer
    assert len(aws.events(expected=1)) == 1


def test_an_upload_that_another_execution_has_claimed_is_left_to_it(aws: Recorded, executing: Executing) -> None:
    claimed, canary = executing.event(), executing.event(execution="second")
    executing.claim(claimed)
    executing.render(claimed)
    before = record(aws)
    assert executing.run(canary, version="v4") == "PROCESSING"
    assert record(aws) == before
    assert aws.keys() == executing.written_by(claimed)
    assert executing.publish(claimed, version=CLAIMING) == "PUBLISHED"


@pytest.mark.parametrize("by", [{"claimedBy": ARN + "second"}, {"status": "FAILED", "claimedBy": None}])
def test_a_claim_that_was_lost_writes_nothing(aws: Recorded, executing: Executing, by: dict[str, Any]) -> None:
    event = executing.event()
    executing.claim(event)
    executing.render(event)
    given = {name: value for name, value in (record(aws) | by).items() if value is not None}
    del given["pk"], given["sk"]
    aws.put_upload(**given)
    before = record(aws)
    with pytest.raises(ClaimLostError):
        executing.publish(event, version=CLAIMING)
    assert record(aws) == before
    assert aws.asset_item() == {}
    assert aws.events(expected=0) == []


def test_a_record_that_is_gone_is_not_written_again(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.render(event)
    with pytest.raises(ClaimLostError):
        executing.publish(event, version=CLAIMING)
    assert aws.upload_item() == {}


@pytest.mark.parametrize("version", EVERY)
def test_an_attempt_that_was_swept_is_never_published(aws: Recorded, executing: Executing, version: str) -> None:
    event = executing.event()
    if version == CLAIMING:
        executing.claim(event)
    executing.render(event)
    (attempt,) = open_sets(SetKind.ATTEMPT, records=aws.records)
    remove_renditions(attempt, records=aws.records, bucket=aws.bucket)
    before = aws.upload_item()
    with pytest.raises(AttemptSweptError):
        executing.publish(event, version=version)
    assert aws.upload_item() == before
    assert aws.asset_item() == {}


@pytest.mark.parametrize("version", EVERY)
def test_an_unrecorded_attempt_is_never_published(aws: Recorded, executing: Executing, version: str) -> None:
    event = executing.event()
    if version == CLAIMING:
        executing.claim(event)
    with pytest.raises(AttemptSweptError):
        executing.publish(event, version=version)
    assert aws.asset_item() == {}


@pytest.mark.parametrize("version", EVERY)
@pytest.mark.parametrize("sequencer", ["0A", "0B"])
def test_an_upload_that_was_deleted_is_withdrawn_with_its_set(
    aws: Recorded, executing: Executing, version: str, sequencer: str
) -> None:
    event = executing.event()
    write_tombstone(aws, sequencer=sequencer)
    with pytest.raises(RejectedImage, match="WITHDRAWN"):
        executing.run(event, version=version)
    assert aws.keys() == []
    assert aws.asset_item() == {}


@pytest.mark.parametrize("version", EVERY)
def test_an_upload_after_a_deletion_is_published(aws: Recorded, executing: Executing, version: str) -> None:
    write_tombstone(aws, sequencer="0A")
    assert executing.run(executing.event(sequencer="0B"), version=version) == "PUBLISHED"


def write_tombstone(aws: Recorded, *, sequencer: str, key: str = "p1/a.jpg") -> None:
    aws.emulator.endpoints.dynamodb.put_item(
        TableName=aws.table, Item=aws.records.tombstone_key(key) | item({"sequencer": PADDED[sequencer]})
    )


def test_the_sets_of_an_upload_are_not_those_of_a_key_that_contains_its_key_and_sequencer(
    aws: Recorded, executing: Executing
) -> None:
    event, similar = executing.event(), executing.event(f"p1/a.jpg#{PADDED['0A']}#", execution="second")
    for one in (event, similar):
        executing.claim(one)
        executing.render(one)
    found = open_sets_of(SetKind.ATTEMPT, key="p1/a.jpg", sequencer=PADDED["0A"], records=aws.records)
    assert [one.rendition_set for one in found] == [executing.set_of(event)]


def test_a_reprocess_moves_the_asset_to_its_own_set(aws: Recorded, executing: Executing) -> None:
    first, again = executing.event(), executing.event(execution="second")
    executing.run(first, version=CLAIMING)
    assert executing.claim(again, reprocess=True)
    executing.render(again)
    assert executing.publish(again, version=CLAIMING) == "PUBLISHED"
    assert asset(aws)["prefix"] == executing.set_of(again).prefix
    for stored in (asset(aws), record(aws)):
        assert sorted(one["key"] for one in stored["renditions"]) == executing.written_by(again)
    (obsolete,) = aws.open_items()
    assert obsolete["prefix"] == executing.set_of(first).prefix
    assert "supersededBy" not in record(aws)


def test_a_reprocess_that_covers_nothing_forgets_what_was_covered_before(aws: Recorded, executing: Executing) -> None:
    first, again = executing.event(), executing.event(execution="second")
    executing.claim(first)
    executing.render(first)
    publish_handler(executing.publication(first, version=CLAIMING) | {"redacted": {"counts": {}, "boxes": []}}, None)
    assert "redacted" in record(aws)
    executing.claim(again, reprocess=True)
    executing.render(again)
    executing.publish(again, version=CLAIMING)
    assert "redacted" not in record(aws)


def test_a_published_upload_stays_published_during_a_reprocess(aws: Recorded, executing: Executing) -> None:
    first, again = executing.event(), executing.event(execution="second")
    executing.run(first, version=CLAIMING)
    pointer, names = asset(aws), record(aws)["renditions"]
    executing.claim(again, reprocess=True)
    executing.render(again)
    assert (record(aws)["status"], record(aws)["renditions"]) == ("PUBLISHED", names)
    assert asset(aws) == pointer
    assert set(executing.written_by(first)) <= set(aws.keys())


def test_a_failed_reprocess_changes_nothing(aws: Recorded, executing: Executing) -> None:
    first, again = executing.event(), executing.event(execution="second")
    executing.run(first, version=CLAIMING)
    pointer = asset(aws)
    executing.claim(again, reprocess=True)
    executing.render(again)
    (attempt,) = open_sets(SetKind.ATTEMPT, records=aws.records)
    remove_renditions(attempt, records=aws.records, bucket=aws.bucket)
    with pytest.raises(AttemptSweptError):
        executing.publish(again, version=CLAIMING)
    assert asset(aws) == pointer
    assert aws.keys() == executing.written_by(first)
    assert record(aws)["status"] == "PUBLISHED"


class FakeRefusingEvents:
    def put_events(self, **_: object) -> dict[str, Any]:
        return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "no"}]}


@pytest.mark.parametrize("version", EVERY)
def test_a_failure_after_the_transaction_is_retried_and_removes_nothing(
    aws: Recorded, executing: Executing, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = executing.event()
    with monkeypatch.context() as broken:
        broken.setattr(clients, "events", FakeRefusingEvents)
        with pytest.raises(AnnouncementRefused):
            executing.run(event, version=version)
    published = record(aws)
    assert published["status"] == "PUBLISHED"
    assert executing.publish(event, version=version) == "PUBLISHED"
    assert record(aws) == published
    assert aws.keys() == executing.written_by(event)
    assert len(aws.events(expected=1)) == 1


@pytest.mark.parametrize("version", EVERY)
def test_a_retry_after_a_newer_upload_was_published_announces_and_changes_nothing(
    aws: Recorded, executing: Executing, version: str
) -> None:
    event, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(event, version=version)
    executing.run(newer, version=version)
    before = record(aws), asset(aws), aws.keys()
    assert executing.publish(event, version=version) == "PUBLISHED"
    assert (record(aws), asset(aws), aws.keys()) == before


def test_a_redrive_writes_a_set_of_its_own(executing: Executing) -> None:
    sets = [executing.set_of(executing.event(redrives=redrives)) for redrives in range(3)]
    assert len({one.attempt for one in sets}) == 3
    assert all(one.prefix == f"p1/a.jpg/{one.attempt}/" and len(one.attempt) == 32 for one in sets)


@pytest.mark.parametrize("version", EVERY)
def test_two_workflows_that_share_table_and_bucket_do_not_interfere(
    aws: Recorded, executing: Executing, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Executing(aws=replace(aws, workflow="pictures"))
    event, same = executing.event(sequencer="0B"), other.event(sequencer="0A", execution="second")
    executing.run(event, version=version)
    monkeypatch.setenv("WORKFLOW_ID", "pictures")
    assert other.run(same, version=version) == "PUBLISHED"
    assert aws.keys() == sorted(executing.written_by(event) + other.written_by(same))
    assert plain(other.aws.asset_item())["prefix"] == other.set_of(same).prefix
    assert asset(aws)["prefix"] == executing.set_of(event).prefix
    assert aws.open_items() == other.aws.open_items() == []


@pytest.mark.parametrize("key", ["p1/a#B", "p1/a", "p1/a.jpg", "p1/a.jpg/x"])
def test_a_key_with_the_prefix_of_another_is_distinct(aws: Recorded, executing: Executing, key: str) -> None:
    other = executing.event("p1/a#" + "0A".rjust(32, "0"), execution="second")
    executing.render(other)
    event = executing.event(key)
    executing.run(event)
    with pytest.raises(RejectedImage, match="SUPERSEDED"):
        executing.run(executing.event(key, sequencer="09", execution="third"))
    assert aws.keys() == sorted(executing.written_by(event) + executing.written_by(other))


def attempted(publish: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
    """Retry transaction conflicts as a workflow does."""

    def publish_until_done(event: dict[str, Any]) -> str:
        while True:
            try:
                return publish(event)
            except TransactionConflict:
                continue
            except RejectedImage as rejection:
                return str(rejection.reason)

    return publish_until_done


def test_uploads_of_one_key_that_are_published_at_once_end_with_one_asset(aws: Recorded, executing: Executing) -> None:
    events = [executing.event(sequencer=f"0{digit}", execution=digit) for digit in "ABCDEF"]
    for event in events:
        executing.render(event)
    with ThreadPoolExecutor(len(events)) as workers:
        statuses = list(workers.map(attempted(executing.publish), events))
    published = [event for event, status in zip(events, statuses, strict=True) if status == "PUBLISHED"]
    assert published[-1] == events[-1]
    assert asset(aws)["prefix"] == executing.set_of(events[-1]).prefix
    obsolete = {one["prefix"] for one in aws.open_items() if one["kind"] == "OBSOLETE"}
    assert obsolete == {executing.set_of(event).prefix for event in published[:-1]}
    assert aws.keys() == sorted(key for event in published for key in executing.written_by(event))
