"""The records and assets that the functions write, against the published schemas."""

from typing import Any

import pytest
from tests.json_schemas import violations
from tests.unit.executing import Executing
from tests.unit.recorded import Recorded

from awskit.executions import Execution
from awskit.outcomes.resources import resources_from_environment
from awskit.outcomes.sweeping import finish
from awskit.records.table import plain
from awskit.uploads import parse_upload
from safelight_contracts.schemas import asset_schema, record_schema


def wrong_with_record(item: dict[str, Any]) -> list[str]:
    return list(violations(plain(item), schema=record_schema()))


@pytest.mark.parametrize("version", ["v1", "v5"])
def test_the_record_and_the_asset_of_a_published_upload_are_valid(
    aws: Recorded, executing: Executing, version: str
) -> None:
    assert executing.run(executing.event(version_id="v-1"), version=version) == "PUBLISHED"
    assert wrong_with_record(aws.upload_item()) == []
    assert list(violations(plain(aws.asset_item()), schema=asset_schema())) == []


def test_the_record_of_a_replaced_upload_is_valid(aws: Recorded, executing: Executing) -> None:
    executing.run(executing.event())
    executing.run(executing.event(sequencer="0B", execution="second"))
    assert "supersededBy" in aws.upload_item()
    assert wrong_with_record(aws.upload_item()) == []


def test_the_record_of_an_execution_that_was_stopped_is_valid(aws: Recorded, executing: Executing) -> None:
    event = executing.event()
    executing.claim(event)
    upload = parse_upload(event)
    stopped = Execution(arn=upload.execution, status="ABORTED", started_by=None, error=None, cause=None)
    finish(stopped, upload, resources=resources_from_environment())
    assert aws.upload_item()["status"] == {"S": "FAILED"}
    assert wrong_with_record(aws.upload_item()) == []
