"""An upload that was published once is published again: by a reprocess, a redrive or a retry of an operator's."""

from typing import Any

import pytest
from tests.unit.recorded import Recorded, make_recorded
from tests.unit.workflow_events import EXECUTION, event_for

from publish.handler import handler
from safelight_local.emulator import Emulator

AGAIN = EXECUTION.replace("first", "again")


@pytest.fixture
def aws(emulated_aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    made = make_recorded(emulated_aws)
    monkeypatch.setenv("RECORDS_TABLE", made.table)
    monkeypatch.setenv("EVENT_BUS", made.bus)
    monkeypatch.setenv("KEY_PREFIX", "")
    monkeypatch.setenv("PUBLISHED_BUCKET", "published")
    return made


def publication(*, execution: str, width: int) -> dict[str, Any]:
    key = f"p1/a.jpg/{width}.jpg"
    return {
        **event_for(execution=execution),
        "version": "v5",
        "workflow": "images",
        "dimensions": {"width": 160, "height": 240, "type": "JPEG"},
        "renditions": [{"name": "tile", "key": key, "type": "JPEG", "width": width, "height": width, "bytes": 900}],
    }


def items(aws: Recorded, sort_key: str) -> list[dict[str, Any]]:
    """The items whose sort key begins so, whatever their partition key is."""
    found = aws.emulator.endpoints.dynamodb.scan(TableName=aws.table)["Items"]
    return [item for item in found if item["sk"]["S"].startswith(sort_key)]


def claim(aws: Recorded, *, execution: str) -> None:
    """Claim the upload as a workflow does before it works on it again."""
    (record,) = items(aws, "UPLOAD#")
    aws.emulator.endpoints.dynamodb.update_item(
        TableName=aws.table,
        Key={"pk": record["pk"], "sk": record["sk"]},
        UpdateExpression="SET #status = :status, executionArn = :execution, claimedBy = :execution",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": "PROCESSING"}, ":execution": {"S": execution}},
    )


def test_the_same_upload_replaces_its_own_asset(aws: Recorded) -> None:
    handler(publication(execution=EXECUTION, width=40), None)
    claim(aws, execution=AGAIN)
    assert handler(publication(execution=AGAIN, width=80), None) == {"status": "PUBLISHED"}
    for item in (*items(aws, "UPLOAD#"), *items(aws, "ASSET#")):
        (rendition,) = item["renditions"]["L"]
        assert rendition["M"]["key"] == {"S": "p1/a.jpg/80.jpg"}
