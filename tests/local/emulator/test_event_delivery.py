"""Events of executions and messages in queues, which the sweeper depends on."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.local.emulator_clients import RuleQueue, client, wait_until
from tests.local.lambda_functions import create_function, create_role, invoke

from safelight_local.aws.history import read_history
from safelight_local.emulator.process import Emulator

FOLDER_MARKERS_LEFT_OUT = [{"size": [{"numeric": [">", 0]}]}, {"key": [{"anything-but": {"suffix": "/"}}]}]
SUCCEEDS = {"Type": "Pass", "End": True}
FAILS = {"Type": "Fail", "Error": "Broken", "Cause": "a test"}
WAITS = {"Type": "Wait", "Seconds": 86400, "End": True}

# Fails each message of a failed execution once, and says what it got.
SWEEPER = """
import json, boto3
SQS = boto3.client("sqs")
def handler(event, context):
    failed = []
    for record in event["Records"]:
        status = json.loads(record["body"])["detail"]["status"]
        attempt = int(record["attributes"]["ApproximateReceiveCount"])
        SQS.send_message(QueueUrl=QUEUE, MessageBody=json.dumps({"status": status, "attempt": attempt}))
        if status == "FAILED" and attempt == 1:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""


class Machines:
    """State machines of one state each."""

    def __init__(self, emulator: Emulator) -> None:
        self.stepfunctions = client(emulator.endpoints, "stepfunctions")
        self._role = create_role(emulator.endpoints, "machines-role")

    def create(self, name: str, state: dict[str, Any], **others: dict[str, Any]) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": "Only", "States": {"Only": state, **others}}
        arn: str = self.stepfunctions.create_state_machine(
            name=name, roleArn=self._role, definition=json.dumps(definition)
        )["stateMachineArn"]
        return arn

    def start(self, arn: str) -> str:
        execution: str = self.stepfunctions.start_execution(stateMachineArn=arn, input='{"n": 1}')["executionArn"]
        return execution

    def listed(self, arn: str, status: str) -> list[str]:
        found = self.stepfunctions.list_executions(stateMachineArn=arn, statusFilter=status)["executions"]
        return [it["executionArn"] for it in found]


@pytest.fixture(scope="module")
def machines(emulator: Emulator) -> Machines:
    return Machines(emulator)


def ends_of(*state_machines: str) -> dict[str, str]:
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": list(state_machines), "status": ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"]},
    }
    return {"EventPattern": json.dumps(pattern)}


def as_many_as(count: int) -> Any:
    def enough(taken: Sequence[dict[str, Any]]) -> bool:
        return len(taken) >= count

    return enough


def test_a_rule_receives_every_end_of_an_execution_with_its_input(emulator: Emulator, machines: Machines) -> None:
    arns = {
        "SUCCEEDED": machines.create("heard-succeeds", SUCCEEDS),
        "FAILED": machines.create("heard-fails", FAILS),
        "ABORTED": machines.create("heard-waits", WAITS),
    }
    queue = RuleQueue(emulator.endpoints, "ends", rule=ends_of(*arns.values()))
    executions = {status: machines.start(arn) for status, arn in arns.items()}
    machines.stepfunctions.stop_execution(executionArn=executions["ABORTED"])
    details = [event["detail"] for event in queue.take_until(as_many_as(3))]
    assert {it["status"]: it["executionArn"] for it in details} == executions
    assert {it["status"]: it["stateMachineArn"] for it in details} == arns
    assert {it["input"] for it in details} == {'{"n": 1}'}


def test_a_stopped_execution_is_aborted(emulator: Emulator, machines: Machines) -> None:
    tokens = RuleQueue(emulator.endpoints, "tokens", rule={"EventPattern": '{"source": ["nobody"]}'})
    waits = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {
            "QueueUrl": tokens.url,
            "MessageBody": {
                "execution": "{% $states.context.Execution.Id %}",
                "token": "{% $states.context.Task.Token %}",
            },
        },
        "Next": "Further",
    }
    arn = machines.create("stopped", waits, Further=SUCCEEDS)
    stopped, goes_on = machines.start(arn), machines.start(arn)
    token_of = {it["execution"]: it["token"] for it in tokens.take_until(as_many_as(2))}
    machines.stepfunctions.stop_execution(executionArn=stopped, error="Stopped", cause="a test")
    with suppress(ClientError):
        machines.stepfunctions.send_task_success(taskToken=token_of[stopped], output="{}")
    machines.stepfunctions.send_task_success(taskToken=token_of[goes_on], output="{}")
    wait_until(lambda: machines.listed(arn, "SUCCEEDED") == [goes_on])
    assert machines.listed(arn, "ABORTED") == [stopped]
    described = machines.stepfunctions.describe_execution(executionArn=stopped)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Stopped", "a test")
    assert [visit.state for visit in read_history(emulator.endpoints, arn=stopped)] == ["Only"]


def test_a_function_gets_events_late_and_failed_events_again(emulator: Emulator, machines: Machines) -> None:
    endpoints = emulator.endpoints
    arns = [machines.create("late-succeeds", SUCCEEDS), machines.create("late-fails", FAILS)]
    # Longer than the function may take, which is started before.
    attributes = {"DelaySeconds": "2", "VisibilityTimeout": "11"}
    late = RuleQueue(endpoints, "late", rule=ends_of(*arns), attributes=attributes)
    seen = RuleQueue(endpoints, "seen", rule={"EventPattern": '{"source": ["nobody"]}'})
    source = f"QUEUE = {seen.url!r}\n{SWEEPER}"
    create_function(endpoints, name="sweeper", source=source, actions=["sqs:*"], seconds=10)
    assert "Records" in invoke(endpoints, "sweeper")["errorMessage"]
    client(endpoints, "lambda").create_event_source_mapping(
        EventSourceArn=late.arn, FunctionName="sweeper", FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    for arn in arns:
        machines.start(arn)
    got = {(it["status"], it["attempt"]) for it in seen.take_until(as_many_as(3))}
    assert got == {("SUCCEEDED", 1), ("FAILED", 1), ("FAILED", 2)}


@pytest.mark.parametrize(
    ("name", "constraint", "matched"),
    [
        ("anywhere", {"$or": FOLDER_MARKERS_LEFT_OUT}, ["in/a.jpg", "in/empty.jpg", "in/full/", "out/a.jpg"]),
        # As on AWS: of a field that is named beside $or and in it, the last counts. The prefix is lost.
        (
            "prefix-lost",
            {"key": [{"prefix": "in/"}], "$or": FOLDER_MARKERS_LEFT_OUT},
            ["in/a.jpg", "in/empty.jpg", "in/full/", "out/a.jpg"],
        ),
        (
            "other-field",
            {"key": [{"prefix": "in/"}], "$or": [{"size": [{"numeric": [">", 0]}]}, {"etag": [{"exists": False}]}]},
            ["in/a.jpg", "in/full/"],
        ),
    ],
)
def test_alternatives_of_a_pattern_apply_in_the_object_of_an_event(
    emulator: Emulator, name: str, constraint: dict[str, Any], matched: list[str]
) -> None:
    s3 = client(emulator.endpoints, "s3")
    bucket = f"alternatives-{name}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}, "object": constraint}}
    queue = RuleQueue(emulator.endpoints, bucket, rule={"EventPattern": json.dumps(pattern)})
    bodies = {"in/marker/": b"", "in/full/": b"image", "in/empty.jpg": b"", "out/a.jpg": b"image", "in/a.jpg": b"image"}
    for key, body in bodies.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    events = queue.take_until(as_many_as(len(matched)))
    assert sorted(event["detail"]["object"]["key"] for event in events) == matched


def test_a_log_group_receives_the_whole_event_that_a_rule_matches(emulator: Emulator) -> None:
    events, logs = client(emulator.endpoints, "events"), client(emulator.endpoints, "logs")
    logs.create_log_group(logGroupName="outcomes")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="outcomes")["logGroups"]
    events.put_rule(Name="Outcomes", EventPattern=json.dumps({"source": ["safelight"]}))
    events.put_targets(Rule="Outcomes", Targets=[{"Id": "Log", "Arn": group["arn"].removesuffix(":*")}])
    for source, number in (("safelight", 1), ("others", 2), ("safelight", 3)):
        entry = {"Source": source, "DetailType": "Image Published", "Detail": json.dumps({"number": number})}
        events.put_events(Entries=[entry])

    def received() -> list[Any]:
        found = logs.filter_log_events(logGroupName="outcomes")["events"]
        return sorted((json.loads(it["message"]) for it in found), key=lambda it: it["detail"]["number"])

    wait_until(lambda: len(received()) == 2)
    assert [(it["source"], it["detail-type"], it["detail"]) for it in received()] == [
        ("safelight", "Image Published", {"number": 1}),
        ("safelight", "Image Published", {"number": 3}),
    ]
