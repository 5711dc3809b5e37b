"""What breaks is retried, then recorded: one outcome an upload, the original untouched, nothing half published."""

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from safelight_local.aws.history import read_history

THROTTLED = {"error": {"code": "ThrottlingException", "message": "Slow down"}}
DENIED = {"error": {"code": "AccessDeniedException", "message": "Rekognition is not for you"}}


def photo(deployment: Any, *, unlike: str = "") -> bytes:
    """Return a landscape whose bytes differ from test to test: JPEG readers ignore what follows the image."""
    data: bytes = deployment.samples.odd_name.read_bytes()
    return data + unlike.encode()


def event_later_by(event: dict[str, Any], *, steps: int) -> dict[str, Any]:
    changed = copy.deepcopy(event)
    image = changed["detail"]["object"]
    image["sequencer"] = f"{int(image['sequencer'], 16) + steps:0{len(image['sequencer'])}X}"
    return changed


@contextmanager
def role_without(deployment: Any, *, version: str, step: str, action: str) -> Iterator[None]:
    """Take an action away from a step's role."""
    iam = deployment.client("iam")
    roles = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    (role,) = (name for name in roles if f"{version.upper()}{step}Role" in name)
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = copy.deepcopy(whole)
    taken = 0
    for statement in less["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        taken += action in actions
        statement["Action"] = [other for other in actions if other != action] or ["s3:GetBucketLocation"]
    assert taken, f"{role} never had {action}"
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(whole))


@pytest.mark.parametrize(
    ("step", "action", "key"),
    [
        ("CheckDimensions", "s3:GetObjectVersion", "riverside/no-header.jpg"),
        ("Moderator", "s3:GetObjectVersion", "riverside/no-moderation.jpg"),
        ("Moderator", "rekognition:DetectModerationLabels", "riverside/no-rekognition.jpg"),
        ("GetLabels", "s3:GetObjectVersion", "bistro/no-labels.jpg"),
        ("GetLabels", "rekognition:DetectLabels", "bistro/no-rekognition.jpg"),
        ("Resizer", "s3:GetObjectVersion", "riverside/no-read.jpg"),
        ("Resizer", "s3:PutObject", "riverside/no-write.jpg"),
        ("Publish", "dynamodb:UpdateItem", "riverside/no-record.jpg"),
    ],
)
def test_a_missing_permission_is_denied_and_recorded_as_a_failure(
    deployment: Any, step: str, action: str, key: str
) -> None:
    with role_without(deployment, version="v4", step=step, action=action):
        outcome = deployment.outcome(version="v4", key=key, body=photo(deployment, unlike=key))
    assert outcome.status == "FAILED"
    assert outcome.record["status"] == "FAILED"
    assert "AccessDenied" in outcome.record["detail"] or "not authorized" in outcome.record["detail"]
    assert outcome.states[-4:] == ["RecordError", "Announce Failure", "Failure Announced", "Failed"]


def test_an_upload_that_is_published_but_cannot_be_announced_fails_and_stays_published(deployment: Any) -> None:
    key = "riverside/no-announcement.jpg"
    with role_without(deployment, version="v4", step="Publish", action="events:PutEvents"):
        outcome = deployment.outcome(version="v4", key=key, body=photo(deployment, unlike=key))
    assert outcome.states[-3:] == ["Publish", "RecordError", "Failed"]
    assert outcome.status == "FAILED"
    assert outcome.record["status"] == "PUBLISHED"
    assert deployment.asset(version="v4", key=key)["renditions"] == outcome.record["renditions"]


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4"])
def test_a_failure_is_recorded_and_announced_in_every_version(deployment: Any, version: str) -> None:
    key = "riverside/unreadable-for-the-role.jpg"
    with role_without(deployment, version=version, step="Resizer", action="s3:GetObjectVersion"):
        outcome = deployment.outcome(version=version, key=key, body=photo(deployment, unlike=version))
    assert outcome.record["status"] == "FAILED"
    failures = [
        e for e in deployment.announcements(key=key, count=1) if e["detail"]["executionArn"] == outcome.execution
    ]
    (event,) = failures
    assert event["detail-type"] == "Image Failed"
    assert event["detail"]["detail"]["name"] == outcome.error
    assert deployment.published(version=version, key=key) == []


def test_a_check_that_cannot_be_made_does_not_accept(deployment: Any) -> None:
    key = "riverside/never-moderated.jpg"
    deployment.put_fixture("never", {"key": key, "answers": {"DetectModerationLabels": [DENIED]}})
    outcome = deployment.outcome(version="v2", key=key, body=photo(deployment))
    assert (outcome.status, outcome.record["status"]) == ("FAILED", "FAILED")
    assert outcome.error == "AccessDeniedException"
    assert deployment.published(version="v2", key=key) == []
    assert deployment.asset(version="v2", key=key) is None


def test_temporary_throttling_is_retried(deployment: Any) -> None:
    key = "bistro/throttled.jpg"
    # The SDK itself tries twice: more than that only the state machine waits out.
    deployment.put_fixture("throttled", {"key": key, "answers": {"DetectLabels": [THROTTLED | {"times": 5}]}})
    outcome = deployment.outcome(version="v4", key=key, body=photo(deployment))
    assert outcome.record["status"] == "PUBLISHED"
    assert outcome.states.count("Get labels") == 1


def test_a_failed_upload_can_be_published_by_the_same_event_after_a_fix(deployment: Any) -> None:
    key = "riverside/fixed.jpg"
    with role_without(deployment, version="v1", step="Resizer", action="s3:PutObject"):
        failed = deployment.outcome(version="v1", key=key, body=photo(deployment))
    assert failed.record["status"] == "FAILED"
    again = deployment.wait(
        version="v1", execution=deployment.start(version="v1", event=deployment.event_of(failed.execution))
    )
    assert again.record["status"] == "PUBLISHED"
    assert again.record["createdAt"] == failed.record["createdAt"]
    assert "reason" not in again.record


def test_a_duplicate_event_of_a_published_upload_changes_nothing(deployment: Any) -> None:
    key = "riverside/twice.jpg"
    first = deployment.outcome(version="v4", key=key, body=photo(deployment))
    asset = deployment.asset(version="v4", key=key)
    second = deployment.wait(
        version="v4", execution=deployment.start(version="v4", event=deployment.event_of(first.execution))
    )
    assert second.status == "SUCCEEDED"
    assert second.record == first.record
    assert deployment.asset(version="v4", key=key) == asset
    assert len(deployment.announcements(key=key, count=1)) == 1


def test_a_duplicate_event_of_a_rejected_upload_changes_nothing(deployment: Any) -> None:
    key = "nowhere/twice.jpg"
    first = deployment.outcome(version="v4", key=key, body=photo(deployment))
    second = deployment.wait(
        version="v4", execution=deployment.start(version="v4", event=deployment.event_of(first.execution))
    )
    assert second.states[-2:] == ["RecordFailState", "Already Recorded"]
    assert (second.status, second.output["status"]) == ("SUCCEEDED", "DUPLICATE")
    assert second.record == first.record
    assert len(deployment.announcements(key=key, count=1)) == 1


def test_duplicate_events_at_once_publish_once(deployment: Any) -> None:
    key = "riverside/at-once.jpg"
    first = deployment.outcome(version="v1", key="riverside/model.jpg", body=photo(deployment))
    etag = deployment.aws.s3.put_object(
        Bucket=deployment.workflows["v1"].upload_bucket, Key=key, Body=photo(deployment, unlike="at once")
    )["ETag"].strip('"')
    (natural,) = deployment.wait_for_executions(version="v1", key=key, etag=etag, count=1)
    event = event_later_by(deployment.event_of(natural["executionArn"]), steps=1)
    running = [deployment.start(version="v1", event=event) for _ in range(5)]
    ended = [deployment.wait(version="v1", execution=execution) for execution in running]
    assert {outcome.status for outcome in ended} == {"SUCCEEDED"}
    assert {outcome.record["status"] for outcome in ended} == {"PUBLISHED"}
    winners = {outcome.record["executionArn"] for outcome in ended}
    assert len(winners) == 1
    announced = [e["detail"]["executionArn"] for e in deployment.announcements(key=key, count=2)]
    assert [arn for arn in announced if arn in running] == list(winners)
    assert first.record["status"] == "PUBLISHED"


def test_a_late_older_upload_is_superseded_and_leaves_the_newer_one_alone(deployment: Any) -> None:
    key = "riverside/changed.jpg"
    older = deployment.outcome(version="v1", key=key, body=deployment.samples.landscape.read_bytes())
    newer = deployment.outcome(version="v1", key=key, body=deployment.samples.person.read_bytes())
    tile_key = deployment.rendition_key(execution=newer.execution, key=key, name="tile.jpg")
    tile = deployment.rendition(version="v1", key=tile_key)

    late = event_later_by(deployment.event_of(older.execution), steps=-1)
    outcome = deployment.wait(version="v1", execution=deployment.start(version="v1", event=late))

    assert (outcome.record["status"], outcome.record["reason"]) == ("REJECTED", "SUPERSEDED")
    assert deployment.rendition(version="v1", key=tile_key) == tile
    late_tile = deployment.rendition_key(execution=outcome.execution, key=key, name="tile.jpg")
    assert late_tile not in deployment.published(version="v1", key=key)
    assert deployment.asset(version="v1", key=key)["renditions"] == newer.record["renditions"]


def test_an_upload_that_was_replaced_before_it_was_read_is_superseded(deployment: Any) -> None:
    key = "riverside/replaced.jpg"
    first = deployment.outcome(version="v3", key=key, body=photo(deployment))
    stale = event_later_by(deployment.event_of(first.execution), steps=1)
    stale["detail"]["object"]["etag"] = hashlib.md5(b"something else", usedforsecurity=False).hexdigest()
    outcome = deployment.wait(version="v3", execution=deployment.start(version="v3", event=stale))
    assert (outcome.record["status"], outcome.record["reason"]) == ("REJECTED", "SUPERSEDED")


def test_an_upload_that_was_deleted_before_it_was_read_is_rejected(deployment: Any) -> None:
    key = "riverside/gone.jpg"
    first = deployment.outcome(version="v1", key=key, body=photo(deployment))
    event = event_later_by(deployment.event_of(first.execution), steps=1)
    version = event["detail"]["object"]["version-id"]
    deployment.aws.s3.delete_object(Bucket=deployment.workflows["v1"].upload_bucket, Key=key, VersionId=version)
    outcome = deployment.wait(version="v1", execution=deployment.start(version="v1", event=event))
    assert outcome.status == "SUCCEEDED"
    assert (outcome.record["status"], outcome.record["reason"]) == ("REJECTED", "WITHDRAWN")


def test_a_person_without_instances_counts_as_one(deployment: Any) -> None:
    key = "bistro/somebody.jpg"
    label = {"Name": "Person", "Confidence": 90.0, "Instances": []}
    deployment.put_fixture("somebody", {"key": key, "answers": {"DetectLabels": [{"response": {"Labels": [label]}}]}})
    outcome = deployment.outcome(version="v4", key=key, body=photo(deployment))
    assert (outcome.record["reason"], json.loads(outcome.record["detail"])) == (
        "NO_PEOPLE_ALLOWED",
        {"people": 1, "boxes": []},
    )


def test_a_thousand_labels_fit_the_state_and_the_record(deployment: Any) -> None:
    key = "bistro/busy.jpg"
    labels = [{"Name": f"Thing {n} {'x' * 200}", "Confidence": 90.0, "Instances": []} for n in range(1000)]
    deployment.put_fixture("busy", {"key": key, "answers": {"DetectLabels": [{"response": {"Labels": labels}}]}})
    outcome = deployment.outcome(version="v4", key=key, body=photo(deployment))
    assert outcome.record["status"] == "PUBLISHED"
    outputs = [visit.output or "" for visit in read_history(deployment.aws, arn=outcome.execution)]
    assert max(map(len, outputs)) < 32_768


def test_a_hundred_moderation_labels_fit_the_record(deployment: Any) -> None:
    key = "riverside/very-unsafe.jpg"
    labels = [{"Name": f"Bad {n}", "Confidence": 90.0, "ParentName": "", "TaxonomyLevel": 1} for n in range(100)]
    reply = {"response": {"ModerationLabels": labels}}
    deployment.put_fixture("very-unsafe", {"key": key, "answers": {"DetectModerationLabels": [reply]}})
    outcome = deployment.outcome(version="v2", key=key, body=photo(deployment))
    assert outcome.record["reason"] == "FAILED_MODERATION"
    assert len(json.loads(outcome.record["detail"])["labels"]) == 20


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_a_type_that_needs_a_layer_that_the_version_does_not_have_is_not_supported(
    deployment: Any, version: str
) -> None:
    heic = Path(__file__).parents[1] / "unit" / "heic" / "orientation_1.heic"
    outcome = deployment.outcome(version=version, key="riverside/phone.heic", body=heic.read_bytes())
    assert (outcome.record["status"], outcome.record["reason"]) == ("REJECTED", "UNSUPPORTED_TYPE")
