"""A state machine outside the emulator's home region."""

import json
from typing import Any

import pytest
from tests.local.emulator_clients import wait_until
from tests.local.lambda_functions import create_role

from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.emulator.process import Emulator

BUCKET = "photos-of-ireland"
HEAD = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:headObject",
    "Arguments": {"Bucket": BUCKET, "Key": "a.txt"},
    "End": True,
}


@pytest.fixture
def ireland(emulator: Emulator) -> Endpoints:
    return emulator.endpoints.at(Environment(account="111122223333", region="eu-west-1"))


def test_a_state_machine_finds_an_object_of_its_own_region(ireland: Endpoints) -> None:
    ireland.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    stored = ireland.s3.put_object(Bucket=BUCKET, Key="a.txt", Body=b"a")
    machine = ireland.stepfunctions.create_state_machine(
        name="head",
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Head", "States": {"Head": HEAD}}),
        roleArn=create_role(ireland, "head-role"),
    )["stateMachineArn"]
    arn = ireland.stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]

    def execution() -> Any:
        return ireland.stepfunctions.describe_execution(executionArn=arn)

    wait_until(lambda: execution()["status"] != "RUNNING")
    assert json.loads(execution()["output"])["ETag"] == stored["ETag"]
