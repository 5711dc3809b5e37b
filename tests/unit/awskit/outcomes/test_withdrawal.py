"""What is taken back of an upload, and what of other uploads is left alone."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit import clients
from awskit.outcomes.withdrawal import (
    asset_removal_writes,
    discard_attempt,
    mark_unpublished,
    remove_sets,
    withdraw_asset,
)
from awskit.records.table import plain
from awskit.records.transactions import TransactionConflict, commit
from awskit.transient_errors import ServiceBusy
from awskit.uploads import parse_upload


def withdraw(aws: Recorded, event: dict[str, object]) -> list[str]:
    upload = parse_upload(event)
    rejected = {"status": "REJECTED", "executionArn": upload.execution}
    if aws.upload_item(upload.key, sequencer=upload.sequencer):
        aws.change_upload(upload.key, sequencer=upload.sequencer, **rejected)
    else:
        aws.put_upload(upload.key, sequencer=upload.sequencer, **rejected)
    assert withdraw_asset(upload, place_id="p1", records=aws.records)
    return remove_sets(upload, records=aws.records, bucket=aws.bucket)


def test_renditions_of_an_upload_are_withdrawn_with_its_asset(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.run(event)
    assert withdraw(aws, event) == executing.written_by(event)
    assert aws.keys() == []
    assert aws.asset_item() == {}


def test_the_item_of_a_removed_set_stays_so_that_late_writes_are_found(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.run(event)
    withdraw(aws, event)
    (left,) = aws.open_items()
    assert (left["kind"], left["prefix"]) == ("OBSOLETE", executing.set_of(event).prefix)
    assert "sweptAt" in left


def test_withdrawing_twice_names_the_same_renditions_again(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.run(event)
    assert withdraw(aws, event) == withdraw(aws, event) == executing.written_by(event)


def test_a_set_that_a_newer_upload_published_is_kept(aws: Recorded, executing: Executing) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(older)
    executing.run(newer)
    asset = aws.asset_item()
    assert withdraw(aws, older) == executing.written_by(older)
    assert aws.keys() == executing.written_by(newer)
    assert aws.asset_item() == asset


def test_a_set_that_a_newer_upload_is_writing_is_kept(aws: Recorded, executing: Executing) -> None:
    older, newer = executing.event(), executing.event(sequencer="0B", execution="second")
    executing.run(older)
    executing.render(newer)
    withdraw(aws, older)
    assert aws.keys() == executing.written_by(newer)


def test_a_set_of_another_execution_is_kept(aws: Recorded, executing: Executing) -> None:
    event, duplicate = executing.event(), executing.event(execution="second")
    executing.render(event)
    executing.render(duplicate)
    assert withdraw(aws, event) == executing.written_by(event)
    assert aws.keys() == executing.written_by(duplicate)


def test_every_attempt_of_an_execution_is_removed(aws: Recorded, executing: Executing) -> None:
    events = [executing.event(redrives=redrives) for redrives in range(3)]
    for event in events:
        executing.render(event)
    assert withdraw(aws, events[0]) == sorted(key for event in events for key in executing.written_by(event))
    assert aws.keys() == []


def test_an_unpublished_upload_has_nothing_to_withdraw(aws: Recorded, executing: Executing) -> None:
    assert withdraw(aws, executing.event()) == []


def test_nothing_changes_once_another_execution_has_claimed_or_published_the_upload(
    aws: Recorded, executing: Executing
) -> None:
    event, again = executing.event(), executing.event(execution="second")
    executing.run(event, version="v5")
    assert executing.claim(again, reprocess=True)
    executing.reject(again)
    third = executing.event(execution="third")
    assert executing.claim(third, reprocess=True)
    before = aws.asset_item()
    assert not withdraw_asset(parse_upload(again), place_id="p1", records=aws.records)
    executing.render(third)
    executing.publish(third, version="v5")
    after = aws.asset_item()
    assert not withdraw_asset(parse_upload(again), place_id="p1", records=aws.records)
    assert before != after == aws.asset_item()
    assert executing.keys_of(third) == executing.written_by(third)


def test_a_key_that_is_too_long_has_nothing_to_withdraw(aws: Recorded, executing: Executing) -> None:
    assert withdraw(aws, executing.event("k" * 1024)) == []


def test_an_asset_that_changed_meanwhile_is_not_removed(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event())
    key = aws.records.asset_key("p1/a.jpg", place_id="p1")
    writes = asset_removal_writes(plain(aws.asset_item()), key=key, records=aws.records)
    executing.run(executing.event(sequencer="0B", execution="second"))
    before = aws.asset_item(), aws.open_items()
    with pytest.raises(TransactionConflict):
        commit([*writes])
    assert (aws.asset_item(), aws.open_items()) == before


def test_a_rejection_is_settled_while_its_execution_has_decided_the_upload(aws: Recorded, executing: Executing) -> None:
    upload = parse_upload(executing.event())
    aws.put_upload(status="REJECTED", executionArn=upload.execution, unpublishing=True)
    assert mark_unpublished(upload, records=aws.records)
    assert "unpublishing" not in plain(aws.upload_item())


@pytest.mark.parametrize("change", [{"claimedBy": "a redrive"}, {"executionArn": "another"}])
def test_a_rejection_is_not_settled_once_the_upload_is_claimed_or_decided_again(
    aws: Recorded, executing: Executing, change: dict[str, Any]
) -> None:
    upload = parse_upload(executing.event())
    aws.put_upload(status="REJECTED", executionArn=upload.execution, unpublishing=True)
    aws.change_upload(**change)
    assert not mark_unpublished(upload, records=aws.records)
    assert plain(aws.upload_item())["unpublishing"] is True


@pytest.mark.parametrize("operation", ["ListObjectVersions", "DeleteObjects"])
def test_the_next_attempt_finishes_a_withdrawal_that_a_busy_s3_interrupted(
    aws: Recorded, executing: Executing, make_s3_busy: Callable[[str], None], operation: str
) -> None:
    event = executing.event()
    executing.run(event)
    make_s3_busy(operation)
    with pytest.raises(ServiceBusy):
        withdraw(aws, event)
    clients.s3.cache_clear()
    assert withdraw(aws, event) == executing.written_by(event)
    assert aws.keys() == []


def test_only_the_discarded_attempt_is_removed(aws: Recorded, executing: Executing) -> None:
    event, other = executing.event(), executing.event(redrives=1)
    executing.render(event)
    executing.render(other)
    discard_attempt(executing.set_of(event), records=aws.records, bucket=aws.bucket)
    assert aws.keys() == executing.written_by(other)


def test_a_set_that_is_published_is_not_discarded(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.run(event)
    discard_attempt(executing.set_of(event), records=aws.records, bucket=aws.bucket)
    assert aws.keys() == executing.written_by(event)


def test_a_published_set_whose_attempt_a_late_function_recorded_again_is_not_removed(
    aws: Recorded, executing: Executing
) -> None:
    event = executing.event()
    executing.run(event)
    executing.render(event)
    discard_attempt(executing.set_of(event), records=aws.records, bucket=aws.bucket)
    assert aws.keys() == executing.written_by(event)
    assert aws.open_items() == []
