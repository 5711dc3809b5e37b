"""Which record a retry finds, which event it rebuilds, and what it writes into the record: no workflow runs here."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.local.recorded_uploads import put_record, read_record_item
from tests.local.small_workflow import deploy_small_workflow

from safelight_contracts.executions import LONGEST_EXPRESS
from safelight_contracts.records import Attribute, Status, timestamp_of
from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.records import seed_place
from safelight_local.aws.retry import OutcomeIsFinal, follow_execution, start_again
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError

FORGOTTEN = "arn:aws:states:us-east-1:000000000000:express:images:first:second"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A workflow that publishes nothing, with an upload bucket that keeps versions."""

    emulator: Emulator
    workflow: DeployedWorkflow

    def upload(self, key: str, *, body: bytes = b"one") -> dict[str, Any]:
        """Put an object, and return the ``detail.object`` of its event."""
        put = self.emulator.endpoints.s3.put_object(Bucket=self.workflow.upload_bucket, Key=key, Body=body)
        return {
            "key": key,
            "size": len(body),
            "etag": put["ETag"].strip('"'),
            "sequencer": f"{uuid.uuid1().time:016X}",
            "version-id": put["VersionId"],
        }

    def record(self, upload: dict[str, Any], *, status: Status, **more: str) -> None:
        put_record(
            self.emulator.endpoints,
            workflow=self.workflow,
            upload=upload,
            status=status,
            execution=FORGOTTEN,
            at=None,
            **more,
        )

    def item(self, upload: dict[str, Any]) -> dict[str, Any]:
        return read_record_item(self.emulator.endpoints, workflow=self.workflow, upload=upload)

    def retried(self, key: str, *, version_id: str | None = None) -> dict[str, Any]:
        """Start again, and return the upload of the new execution."""
        return start_again(self.emulator.endpoints, workflow=self.workflow, key=key, version_id=version_id).upload


@pytest.fixture(scope="module")
def stage(emulator: Emulator) -> Stage:
    workflow = deploy_small_workflow(emulator.endpoints, stack="Retried", key_prefix="in/")
    emulator.endpoints.s3.put_bucket_versioning(
        Bucket=workflow.upload_bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    states = emulator.endpoints.stepfunctions
    version = states.publish_state_machine_version(stateMachineArn=workflow.state_machine_arn)
    states.create_state_machine_alias(
        name="live",
        routingConfiguration=[{"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}],
    )
    return Stage(emulator=emulator, workflow=workflow)


def test_a_version_without_a_record_is_not_retried_by_the_record_of_another_version(stage: Stage) -> None:
    first = stage.upload("in/park/two.jpg")
    second = stage.upload("in/park/two.jpg", body=b"another")
    stage.record(second, status=Status.FAILED)
    with pytest.raises(UserError, match=f"with the version {first['version-id']} is recorded"):
        stage.retried("in/park/two.jpg", version_id=first["version-id"])


def test_each_version_is_retried_with_its_own_sequencer_and_bytes(stage: Stage) -> None:
    uploads = [stage.upload("in/park/each.jpg", body=body) for body in (b"one", b"another")]
    for upload in uploads:
        stage.record(upload, status=Status.FAILED)
    for upload in uploads:
        padded = upload | {"sequencer": upload["sequencer"].rjust(32, "0")}
        assert stage.retried("in/park/each.jpg", version_id=upload["version-id"]) == padded


def test_the_newest_recorded_upload_is_retried_with_its_version(stage: Stage) -> None:
    recorded = stage.upload("in/park/newer.jpg")
    stage.record(recorded, status=Status.FAILED)
    stage.upload("in/park/newer.jpg", body=b"another")
    assert stage.retried("in/park/newer.jpg")["version-id"] == recorded["version-id"]


@pytest.mark.parametrize(("place", "place_type"), [("listed", "park"), ("unlisted", "-")])
def test_a_retried_upload_has_the_type_of_its_place(stage: Stage, place: str, place_type: str) -> None:
    clients, workflow = stage.emulator.endpoints, stage.workflow
    seed_place(clients, workflow=workflow, place_id="listed", place_type="park", name="A park")
    upload = stage.upload(f"in/{place}/typed.jpg")
    stage.record(upload, status=Status.FAILED)
    started = start_again(clients, workflow=workflow, key=upload["key"])
    progress = follow_execution(clients, workflow=workflow, execution=started, seconds=60, changed=lambda _: None)
    assert progress.upload.place_type == place_type


def claimed(*, ago: timedelta) -> dict[str, str]:
    return {Attribute.UPDATED_AT: timestamp_of(datetime.now(UTC) - ago)}


def test_the_failure_of_a_forgotten_execution_has_all_fields(stage: Stage) -> None:
    upload = stage.upload("in/park/closed.jpg")
    before = {Attribute.REASON: "NO_PEOPLE_ALLOWED", Attribute.ANNOUNCED_AT: "2020-01-01T00:00:00.000Z"}
    stage.record(upload, status=Status.PROCESSING, **before, **claimed(ago=timedelta(hours=1)))
    stage.retried(upload["key"])
    item = stage.item(upload)
    assert item.keys().isdisjoint({Attribute.CLAIMED_BY, *before})
    assert {name: item[name]["S"] for name in ("status", "placeId", "version", "workflow", "versionId")} == {
        "status": "FAILED",
        "placeId": "park",
        "version": stage.workflow.version,
        "workflow": stage.workflow.workflow_id,
        "versionId": upload["version-id"],
    }


def test_an_upload_that_an_express_execution_may_still_process_is_left_alone(stage: Stage) -> None:
    upload = stage.upload("in/park/express.jpg")
    stage.record(upload, status=Status.PROCESSING, **claimed(ago=LONGEST_EXPRESS - timedelta(minutes=1)))
    with pytest.raises(OutcomeIsFinal, match="is being processed"):
        stage.retried(upload["key"])
    assert stage.item(upload)["status"] == {"S": "PROCESSING"}


def test_a_record_that_another_execution_claims_in_the_meantime_is_left_alone(stage: Stage) -> None:
    upload = stage.upload("in/park/meantime.jpg")
    stage.record(upload, status=Status.PROCESSING, **claimed(ago=timedelta(hours=1)))
    events: Any = stage.emulator.endpoints.dynamodb.meta.events

    def claim(**_: object) -> None:
        stage.record(upload, status=Status.PROCESSING, **{Attribute.CLAIMED_BY: f"{FORGOTTEN}-other"})

    events.register("before-call.dynamodb.UpdateItem", claim)
    try:
        with pytest.raises(OutcomeIsFinal, match="has changed just now"):
            stage.retried(upload["key"])
    finally:
        events.unregister("before-call.dynamodb.UpdateItem", claim)
    item = stage.item(upload)
    assert (item["status"], item["claimedBy"]) == ({"S": "PROCESSING"}, {"S": f"{FORGOTTEN}-other"})
