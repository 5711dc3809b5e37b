import json
import socket
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, SSLError
from tests.local.lambda_functions import create_function, create_role, invoke
from tests.local.small_workflow import wait_until_ended

from safelight_local.emulator.process import Emulator, running_emulator, start_emulator, stop_emulator
from safelight_local.errors import UserError
from safelight_local.servers import is_running


def command_line_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def run(emulator: Emulator, *, name: str, definition: dict[str, object]) -> dict[str, object]:
    client = emulator.endpoints.stepfunctions
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps(definition | {"QueryLanguage": "JSONata"}),
        roleArn=create_role(emulator.endpoints, f"{name}-role"),
    )
    execution = client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps({"given": "input"}))
    wait_until_ended(emulator.endpoints, arn=execution["executionArn"])
    return dict(client.describe_execution(executionArn=execution["executionArn"]))


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("class RejectedImage(Exception): pass\ndef handler(e, c): raise RejectedImage('no: image\\nat all')",
         "RejectedImage", "no: image\nat all"),
        ("def handler(e, c): return {}['key']", "KeyError", "'key'"),
        ("def handler(e, c): raise ValueError", "ValueError", ""),
        ("import json\ndef handler(e, c): json.loads('{')", "JSONDecodeError",
         "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)  # fmt: skip
def test_an_exception_in_a_function_has_the_name_of_its_class(
    emulator: Emulator, source: str, name: str, message: str
) -> None:
    create_function(emulator.endpoints, name=f"raises-{name}", source=source)
    answer = invoke(emulator.endpoints, f"raises-{name}")
    assert (answer["errorType"], answer["errorMessage"]) == (name, message)


def test_a_state_catches_an_exception_by_the_name_of_its_class_and_can_parse_its_message(
    emulator: Emulator,
) -> None:
    function = create_function(
        emulator.endpoints,
        name="rejects",
        source="import json\n"
        "class RejectedImage(Exception): pass\n"
        "def handler(e, c): raise RejectedImage(json.dumps({'reason': 'TOO_SMALL', 'detail': {'n': 1}}))",
    )
    described = run(
        emulator,
        name="catches",
        definition={
            "StartAt": "Reject",
            "States": {
                "Reject": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::lambda:invoke",
                    "Arguments": {"FunctionName": function, "Payload": {}},
                    "Catch": [
                        {
                            "ErrorEquals": ["RejectedImage"],
                            "Assign": {"rejection": "{% $parse($parse($states.errorOutput.Cause).errorMessage) %}"},
                            "Next": "Caught",
                        },
                        {"ErrorEquals": ["States.ALL"], "Next": "Missed"},
                    ],
                    "End": True,
                },
                "Caught": {
                    "Type": "Succeed",
                    "Output": {
                        "reason": "{% $rejection.reason %}",
                        "n": "{% $rejection.detail.n %}",
                        "input": "{% $states.context.Execution.Input.given %}",
                    },
                },
                "Missed": {"Type": "Fail"},
            },
        },
    )
    assert described["status"] == "SUCCEEDED", described
    assert json.loads(str(described["output"])) == {"reason": "TOO_SMALL", "n": 1, "input": "input"}


def test_an_update_whose_condition_does_not_hold_is_an_error_of_dynamodb_that_a_state_catches(
    emulator: Emulator,
) -> None:
    emulator.endpoints.dynamodb.create_table(
        TableName="conditions",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    described = run(
        emulator,
        name="condition",
        definition={
            "StartAt": "Record",
            "States": {
                "Record": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::dynamodb:updateItem",
                    "Arguments": {
                        "TableName": "conditions",
                        "Key": {"pk": {"S": "a"}},
                        "UpdateExpression": "SET n = :n",
                        "ConditionExpression": "attribute_exists(pk)",
                        "ExpressionAttributeValues": {":n": {"N": "1"}},
                    },
                    "Catch": [{"ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Caught"}],
                    "End": True,
                },
                "Caught": {"Type": "Succeed", "Output": "caught"},
            },
        },
    )
    assert described["output"] == '"caught"', described


def test_a_function_without_a_permission_is_denied(emulator: Emulator) -> None:
    create_function(
        emulator.endpoints,
        name="lists",
        source="import boto3\ndef handler(e, c): return boto3.client('s3').list_buckets()['Buckets']",
    )
    answer = invoke(emulator.endpoints, "lists")
    assert "AccessDenied" in answer["errorMessage"]


def test_nothing_of_the_hosts_environment_reaches_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "of-the-user")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-user")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    with running_emulator(tmp_path, rekognition_url="http://127.0.0.1:1") as emulator:
        create_function(
            emulator.endpoints,
            name="environment",
            source="import os\ndef handler(e, c): return dict(os.environ)",
        )
        seen = invoke(emulator.endpoints, "environment")
    assert "AWS_PROFILE" not in seen
    assert "HTTPS_PROXY" not in seen
    assert seen.get("AWS_SESSION_TOKEN") != "of-the-user"
    assert "AWS_ENDPOINT_URL_REKOGNITION" not in seen
    assert seen["AWS_CA_BUNDLE"] == str(emulator.endpoints.ca_bundle)


def test_a_role_that_may_not_call_rekognition_is_denied_before_rekognition_is_asked(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:1"
    with running_emulator(tmp_path, rekognition_url=nobody) as emulator:
        create_function(
            emulator.endpoints,
            name="labels",
            source="import boto3\ndef handler(e, c): boto3.client('rekognition').detect_labels(Image={'Bytes': b'1'})",
        )
        answer = invoke(emulator.endpoints, "labels")
    assert "AccessDeniedException" in answer["errorMessage"]
    assert "not authorized to perform: rekognition:DetectLabels" in answer["errorMessage"]


def test_a_client_that_does_not_trust_the_certificate_cannot_connect(emulator: Emulator) -> None:
    client = emulator.endpoints.session.client("s3", endpoint_url=emulator.endpoints.url, verify=True)
    with pytest.raises(SSLError):
        client.list_buckets()


def test_a_port_in_use_is_rejected_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} cannot be used .*--port"):
            start_emulator(tmp_path, port=port)


def test_an_emulator_listens_on_the_given_port_until_it_is_stopped(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_emulator(tmp_path, port=port) as emulator:
        assert emulator.endpoints.url == f"https://localhost:{port}"
        assert is_running(emulator.server)
    assert not is_running(emulator.server)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for the process in /proc")
def test_stopping_the_emulator_stops_its_functions(tmp_path: Path) -> None:
    with running_emulator(tmp_path) as emulator:
        create_function(
            emulator.endpoints, name="pid", source="import os\ndef handler(e, c): return {'pid': os.getpid()}"
        )
        worker = invoke(emulator.endpoints, "pid")["pid"]
    assert command_line_of(worker) == b""


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    emulator = start_emulator(tmp_path)
    stop_emulator(emulator)
    stop_emulator(emulator)
    assert not is_running(emulator.server)


def test_an_unknown_bucket_is_an_s3_error(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        emulator.endpoints.s3.list_objects_v2(Bucket="no-such-bucket")
