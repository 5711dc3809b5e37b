import io
import json

import pytest
from tests.local.lambda_functions import create_role
from tests.local.small_workflow import wait_until_ended
from tests.local.workflows import workflow

from safelight_local.aws import uploads
from safelight_local.aws.executions import RUNNING, execution_statuses
from safelight_local.aws.uploads import Upload, follow, upload_file
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError

TABLE, KEY, ETAG, SEQUENCER = "records", "nowhere/coffee.jpg", "e", "00A1"


def rejected_upload(emulator: Emulator) -> str:
    """Record a rejection, run an execution that began with the upload's event, and return its state machine."""
    endpoints = emulator.endpoints
    endpoints.dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {"pk": f"IMAGE#images#{KEY}", "sk": f"UPLOAD#{SEQUENCER.rjust(32, '0')}", "status": "REJECTED"}
    endpoints.dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})
    machine = endpoints.stepfunctions.create_state_machine(
        name="quick",
        definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
        roleArn=create_role(endpoints, "quick-role"),
    )["stateMachineArn"]
    event = {"detail": {"object": {"key": KEY, "etag": ETAG, "sequencer": SEQUENCER}}}
    arn = endpoints.stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps(event))["executionArn"]
    wait_until_ended(endpoints, arn=arn)
    return machine


def test_an_upload_whose_execution_ends_between_two_polls_has_its_record(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = rejected_upload(emulator)
    listed = dict.fromkeys(execution_statuses(emulator.endpoints, state_machine_arn=machine), RUNNING)
    monkeypatch.setattr(uploads, "execution_statuses", lambda *_, **__: listed)
    quick = workflow(workflow_id="images", state_machine_arn=machine)
    (item,) = follow(
        emulator.endpoints,
        workflow=quick,
        uploads=[Upload(key=KEY, etag=ETAG, place_type="-")],
        earlier=frozenset(),
        seconds=300,
        changed=lambda _: None,
        validate=lambda: None,
    )
    assert item.record is not None
    assert item.record.status == "REJECTED"
    assert [visit.state for visit in item.states] == ["Done"]


def test_a_file_that_starts_no_execution_is_not_uploaded(emulator: Emulator) -> None:
    photos = workflow(name="Quick", key_suffixes=(".jpg", ".JPG"))
    with pytest.raises(UserError, match=r"a\.png does not start Quick, whose uploads must end with \.jpg or \.JPG"):
        upload_file(
            emulator.endpoints,
            workflow=photos,
            name="a.png",
            body=io.BytesIO(b""),
            place_id="p",
            place_type="park",
        )
