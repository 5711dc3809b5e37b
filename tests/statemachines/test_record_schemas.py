"""The records that the states of each version write, against the published schema."""

import pytest
from tests.json_schemas import violations
from tests.statemachines.definitions import workflow
from tests.statemachines.test_record_conditions import CLAIMING, VERSIONS, Records
from tests.unit.recorded import make_recorded

from awskit.records.table import plain
from safelight_contracts.schemas import record_schema
from safelight_local.emulator.process import Emulator

RECORDING = {
    "rejected": ["RecordFailState"],
    "failed": ["RecordError"],
    "failed and announced": ["RecordError", "Failure Announced"],
}


@pytest.fixture
def records(emulator: Emulator) -> Records:
    return Records(emulator, table=make_recorded(emulator).table)


def wrong_with(records: Records) -> list[str]:
    return list(violations(plain(records.record()), schema=record_schema()))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("names", RECORDING.values(), ids=RECORDING)
def test_a_record_that_the_states_write_is_valid(records: Records, version: str, names: list[str]) -> None:
    for name in [*(["Claim"] if version in CLAIMING else []), *names]:
        records.send(version, name)
        assert wrong_with(records) == []


@pytest.mark.parametrize("version", CLAIMING)
@pytest.mark.parametrize("name", ["Release Claim", "RecordStandingError"])
def test_the_record_of_a_published_upload_that_was_not_published_again_is_valid(
    records: Records, version: str, name: str
) -> None:
    records.put(status="PUBLISHED", standing="PUBLISHED", executionArn="earlier")
    records.send(version, "Claim", reprocess={"id": "r"})
    records.send(version, name)
    assert wrong_with(records) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_state_that_writes_a_record_is_tested(version: str) -> None:
    writing = {
        name
        for name, state in workflow(version)["States"].items()
        if state.get("Resource") == "arn:aws:states:::dynamodb:updateItem"
    }
    tested = {name for names in RECORDING.values() for name in names}
    assert writing <= tested | {"Claim", "Release Claim", "RecordStandingError"}
