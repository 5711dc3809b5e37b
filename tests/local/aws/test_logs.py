"""`safelight logs` reads the groups of a workflow, and of the user's own functions in its stack."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.local.lambda_functions import PATIENT_SECONDS, TRUST
from tests.local.workflows import workflow

from safelight_local.aws.logs import log_groups, read_lines
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.emulator.process import Emulator

SOURCE = "def handler(event, context):\n    raise ValueError('the quota is unknown')\n"
PHOTOS = workflow(stack="Logged", name="Photos")
SCANS = workflow(stack="Logged", name="PhotosOfScans")


def function(*, logs: str | None = None) -> dict[str, object]:
    settings = {"LoggingConfig": {"LogGroup": {"Ref": logs}}} if logs else {}
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Timeout": PATIENT_SECONDS,
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": SOURCE},
            **settings,
        },
    }


@pytest.fixture(scope="module")
def endpoints(emulator: Emulator) -> Endpoints:
    """A stack with a function of each of two workflows, and a check of the user."""
    group = {"Type": "AWS::Logs::LogGroup"}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(TRUST)}},
        "PhotosPublishLogsAAAAAAAA": group,
        "PhotosPublishBBBBBBBB": function(logs="PhotosPublishLogsAAAAAAAA"),
        "PhotosOfScansPublishLogsAAAAAAAA": group,
        "PhotosOfScansPublishBBBBBBBB": function(logs="PhotosOfScansPublishLogsAAAAAAAA"),
        "CheckQuotaCCCCCCCC": function(),
    }
    client = emulator.endpoints.cloudformation
    client.create_stack(
        StackName="Logged", TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_IAM"]
    )
    client.get_waiter("stack_create_complete").wait(StackName="Logged", WaiterConfig={"Delay": 1})
    return emulator.endpoints


def test_a_function_of_the_user_has_its_log_group_beside_those_of_the_workflow(endpoints: Endpoints) -> None:
    for one, other in ((PHOTOS, SCANS), (SCANS, PHOTOS)):
        groups = log_groups(endpoints, workflow=one, others=[other])
        assert [it.writer for it in groups] == ["CheckQuota", "Publish"]
        assert groups[0].name.startswith("/aws/lambda/Logged-CheckQuota")


def test_a_check_that_raises_shows_its_traceback(endpoints: Endpoints) -> None:
    check = log_groups(endpoints, workflow=PHOTOS, others=[])[0]
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert list(read_lines(endpoints.logs, group=check, since=since)) == []
    endpoints.lambda_.invoke(FunctionName=check.name.removeprefix("/aws/lambda/"), Payload=b"{}")
    lines = [it for it in read_lines(endpoints.logs, group=check, since=since) if it.writer == "CheckQuota"]
    assert "the quota is unknown" in "\n".join(it.message for it in lines)
