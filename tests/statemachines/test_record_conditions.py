"""Which records a workflow's own states write over: their requests, evaluated and sent to the emulator's DynamoDB."""

from typing import Any
from uuid import uuid4

import pytest
from tests.statemachines.definitions import WORKFLOWS, evaluate, workflow
from tests.unit.recorded import make_recorded

from safelight_contracts.records import upload_key
from safelight_local.emulator.process import Emulator

KEY = "p1/a.jpg"
WORKFLOW = "images"
MINE = "arn:aws:states:us-east-1:000000000000:execution:images:mine"
OTHER = MINE.replace("mine", "other")
STATUSES = {"RecordFailState": "REJECTED", "RecordError": "FAILED"}
VERSIONS = [path.name.removesuffix(".asl.json") for path in WORKFLOWS]
CLAIMING = [version for version in VERSIONS if "Claim" in workflow(version)["States"]]

each_recording_state = pytest.mark.parametrize(
    ("version", "name"), [(version, name) for version in VERSIONS for name in STATUSES]
)


class Records:
    """A table, and the requests of a workflow's states to it."""

    def __init__(self, emulator: Emulator, *, table: str) -> None:
        self.dynamodb: Any = emulator.endpoints.dynamodb
        self.table = table

    def send(self, version: str, name: str, **detail: Any) -> None:
        """Do what a state of an execution of mine does."""
        image = {"key": KEY, "sequencer": "0A", "size": 7, "etag": "e1"}
        execution = {"Id": MINE, "Input": {"detail": {"bucket": {"name": "uploads"}, "object": image, **detail}}}
        variables: dict[str, Any] = {
            "states": {"context": {"Execution": execution, "StateMachine": {"Name": "images"}}},
            "verdict": {"accepted": False, "reason": "FAILED_MODERATION", "detail": {}},
            "failure": {"name": "Denied", "cause": "no"},
            "dimensions": None,
            "verdicts": [],
            "standing": False,
        }
        self.dynamodb.update_item(**self._evaluated(workflow(version)["States"][name]["Arguments"], variables))

    def _evaluated(self, value: Any, variables: dict[str, Any]) -> Any:
        if isinstance(value, dict):
            return {key: self._evaluated(part, variables) for key, part in value.items()}
        if not isinstance(value, str):
            return value
        text = (
            value.replace("${RecordsTableName}", self.table)
            .replace("${KeyPrefix}", "")
            .replace("${WorkflowId}", WORKFLOW)
        )
        if not text.startswith("{%"):
            return text
        # Each version of JSONata has a clock of its own.
        return "2026-01-31T00:00:00.000Z" if "$now()" in text else evaluate(text, **variables)

    def record(self) -> dict[str, Any]:
        """The record of the upload; empty when there is none."""
        items: list[dict[str, Any]] = self.dynamodb.scan(TableName=self.table)["Items"]
        return items[0] if items else {}

    def have(self, *, status: str, execution: str, **more: str) -> None:
        """Have an execution's record of the upload there. It holds its claim until the upload has an outcome."""
        claim = {"claimedBy": execution} if status == "PROCESSING" else {}
        self.put(status=status, executionArn=execution, mark=uuid4().hex, **claim, **more)

    def put(self, **attributes: str) -> None:
        """Have a record of the upload there, with exactly these attributes."""
        key = upload_key(KEY, sequencer="0A", workflow=WORKFLOW)._asdict()
        item = {name: {"S": value} for name, value in (key | attributes).items()}
        self.dynamodb.put_item(TableName=self.table, Item=item)

    def begin(self, version: str) -> None:
        """Have what an execution of mine finds when it comes to record its outcome: its claim, where it has one."""
        if version in CLAIMING:
            self.have(status="PROCESSING", execution=MINE)


@pytest.fixture(scope="module")
def table(emulator: Emulator) -> str:
    return make_recorded(emulator).table


@pytest.fixture
def records(emulator: Emulator, table: str) -> Records:
    """Return the module's table, emptied."""
    empty = Records(emulator, table=table)
    if left := empty.record():
        empty.dynamodb.delete_item(TableName=table, Key={"pk": left["pk"], "sk": left["sk"]})
    return empty


def refused(records: Records, version: str, name: str, **detail: Any) -> bool:
    """Send a state's request; tell whether its condition refused it."""
    try:
        records.send(version, name, **detail)
    except records.dynamodb.exceptions.ConditionalCheckFailedException:
        return True
    return False


@each_recording_state
@pytest.mark.parametrize("status", ["PUBLISHED", "REJECTED"])
def test_an_outcome_of_another_execution_stays(records: Records, version: str, name: str, status: str) -> None:
    records.have(status=status, execution=OTHER)
    before = records.record()
    assert refused(records, version, name)
    assert records.record() == before


@each_recording_state
def test_a_claim_of_another_execution_stays(records: Records, version: str, name: str) -> None:
    records.have(status="PROCESSING", execution=OTHER)
    before = records.record()
    assert refused(records, version, name)
    assert records.record() == before


@each_recording_state
def test_an_execution_records_its_outcome_and_releases_its_claim(records: Records, version: str, name: str) -> None:
    records.begin(version)
    assert not refused(records, version, name)
    recorded = records.record()
    assert recorded["status"] == {"S": STATUSES[name]}
    assert recorded["executionArn"] == {"S": MINE}
    assert recorded["placeId"] == {"S": "p1"}
    assert "claimedBy" not in recorded


@each_recording_state
def test_an_outcome_whose_answer_was_lost_is_written_again(records: Records, version: str, name: str) -> None:
    records.begin(version)
    assert not refused(records, version, name)
    assert not refused(records, version, name)


@each_recording_state
def test_a_published_upload_that_another_execution_looks_at_again_is_left_alone(
    records: Records, version: str, name: str
) -> None:
    records.have(status="PUBLISHED", execution=OTHER, claimedBy=OTHER, standing="PUBLISHED")
    before = records.record()
    assert refused(records, version, name)
    assert records.record() == before


@pytest.mark.parametrize("version", CLAIMING)
def test_an_error_does_not_replace_an_outcome(records: Records, version: str) -> None:
    records.have(status="PUBLISHED", execution=OTHER, claimedBy=MINE, standing="PUBLISHED")
    assert refused(records, version, "RecordError")
    assert not refused(records, version, "RecordStandingError")
    assert records.record()["status"] == {"S": "PUBLISHED"}
    assert records.record()["executionArn"] == {"S": OTHER}
    assert "claimedBy" not in records.record()


@pytest.mark.parametrize("version", CLAIMING)
def test_an_upload_without_a_record_is_claimed(records: Records, version: str) -> None:
    assert not refused(records, version, "Claim")
    assert records.record()["status"] == {"S": "PROCESSING"}


@pytest.mark.parametrize("version", CLAIMING)
@pytest.mark.parametrize("status", ["PROCESSING", "PUBLISHED", "REJECTED"])
def test_a_duplicate_event_claims_nothing(records: Records, version: str, status: str) -> None:
    records.have(status=status, execution=OTHER)
    assert refused(records, version, "Claim")


@pytest.mark.parametrize("version", CLAIMING)
def test_a_failed_upload_is_claimed_again(records: Records, version: str) -> None:
    records.have(status="FAILED", execution=OTHER)
    assert not refused(records, version, "Claim")


@pytest.mark.parametrize("version", CLAIMING)
@pytest.mark.parametrize("status", ["PROCESSING", "FAILED"])
def test_an_execution_that_is_redriven_claims_its_own_record_again(records: Records, version: str, status: str) -> None:
    records.have(status=status, execution=MINE)
    assert not refused(records, version, "Claim")


@pytest.mark.parametrize("version", CLAIMING)
def test_a_reprocess_skips_uploads_in_progress(records: Records, version: str) -> None:
    records.have(status="PROCESSING", execution=OTHER)
    assert refused(records, version, "Claim", reprocess={"id": "r", "at": "2026-01-31T00:00:00Z"})
