"""Each role may do what its work needs, and nothing more."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import Stack, aws_dynamodb, aws_kms, aws_stepfunctions
from tests.synth.image_workflow.templates import EVERY_CHECK

from safelight import OnDelete, OnReject, WorkflowVersion

XRAY = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
READING: set[tuple[str, ...]] = {
    ("s3:GetObject", "WorkflowUploads/incoming/*"),
    ("s3:GetObjectVersion", "WorkflowUploads/incoming/*"),
    # To tell what is gone from what is forbidden.
    ("s3:ListBucket", "WorkflowUploads"),
}

OPEN_SETS = "OPEN#Test.Workflow"
PARTITIONS = ("IMAGE#Test.Workflow#*", OPEN_SETS, "PLACE#*")
"""The workflow's own uploads and open sets, and the places, which all workflows of a table share."""

REMOVING_SETS = {
    ("dynamodb:GetItem", "WorkflowRecords", *PARTITIONS),
    ("dynamodb:Query", "WorkflowRecords", *PARTITIONS),
    ("dynamodb:PutItem", "WorkflowRecords", *PARTITIONS),
    ("dynamodb:UpdateItem", "WorkflowRecords", *PARTITIONS),
    ("dynamodb:DeleteItem", "WorkflowRecords", *PARTITIONS),
    ("dynamodb:ConditionCheckItem", "WorkflowRecords", *PARTITIONS),
    ("s3:ListBucketVersions", "WorkflowPublished"),
    ("s3:DeleteObject", "WorkflowPublished/out/*"),
    ("s3:DeleteObjectVersion", "WorkflowPublished/out/*"),
}
"""What removing sets of renditions takes, and the items that name them."""

CONSUMING = (
    "sqs:ReceiveMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueUrl",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
)

PERMISSIONS: dict[str, set[tuple[str, ...]]] = {
    "CheckDimensions": READING,
    "Moderator": READING | {("rekognition:DetectModerationLabels", "*")},
    "GetLabels": READING | {("rekognition:DetectLabels", "*")},
    "Resizer": READING
    | {("s3:PutObject", "WorkflowPublished/out/*"), ("dynamodb:PutItem", "WorkflowRecords", OPEN_SETS)},
    "Publish": REMOVING_SETS | {("events:PutEvents", "default")},
    "Sweep": REMOVING_SETS
    | {
        ("dynamodb:Scan", "WorkflowRecords"),
        ("events:PutEvents", "default"),
        ("states:DescribeExecution", "execution:WorkflowStateMachine:*"),
        ("states:ListExecutions", "WorkflowStateMachine"),
        *((action, "WorkflowSweepQueue") for action in CONSUMING),
    },
}
"""What each step of v4 may do, on which resource, and on which partitions if it is a table, beside logs and traces."""

LOOKING = READING | {("s3:GetObject", "WorkflowAnalysis/incoming/*")}

V5_PERMISSIONS: dict[str, set[tuple[str, ...]]] = {
    "Prepare": READING | {("s3:PutObject", "WorkflowAnalysis/incoming/*")},
    "Moderation": LOOKING | {("rekognition:DetectModerationLabels", "*")},
    "NoPeople": LOOKING | {("rekognition:DetectLabels", "*")},
    "Labels": LOOKING | {("rekognition:DetectLabels", "*")},
    "Words": LOOKING | {("rekognition:DetectText", "*")},
    "Render": PERMISSIONS["Resizer"],
    "Publish": PERMISSIONS["Publish"],
    "Sweep": PERMISSIONS["Sweep"],
    "Withdraw": REMOVING_SETS
    | {
        ("events:PutEvents", "default"),
        ("s3:GetObject", "WorkflowUploads/incoming/*"),
        ("s3:ListBucket", "WorkflowUploads"),
        *((action, "WorkflowWithdrawQueue") for action in CONSUMING),
    },
}
"""The same of v5's, but for the one that takes rejected uploads away."""

DELETING = {
    ("s3:DeleteObjectVersion", "WorkflowUploads/incoming/*"),
}
COPYING = {
    ("s3:GetObjectTagging", "WorkflowUploads/incoming/*"),
    ("s3:GetObjectVersionTagging", "WorkflowUploads/incoming/*"),
    ("s3:PutObject", "WorkflowQuarantine/incoming/*"),
    ("s3:PutObjectTagging", "WorkflowQuarantine/incoming/*"),
}
REMOVING: dict[OnReject, set[tuple[str, ...]]] = {
    OnReject.KEEP: REMOVING_SETS,
    OnReject.QUARANTINE: REMOVING_SETS | DELETING | READING | COPYING,
    OnReject.DELETE: REMOVING_SETS | DELETING | READING,
}
"""What the step that takes rejected uploads away may do, by what is to become of them."""

CHECKS_OF_DEFAULT_ROUTES = {"Moderation", "NoPeople"}


def text_of(resource: Any) -> str:
    match resource:
        case str():
            return resource
        case {"Ref": str(name)} if name.startswith("AWS::"):
            return name
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), "Arn" | "Name"]}:
            return logical_id[:-8]
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(text_of(part) for part in parts)
    raise AssertionError(resource)


def resource_name(resource: Any) -> str:
    """Reduce an ARN in a template to what it names: a logical id without its hash, and what follows it."""
    return re.split(":event-bus/|:states:eu-west-1:111122223333:", text_of(resource))[-1]


def permissions(built: Any, role_id: str) -> set[tuple[str, ...]]:
    granted: set[tuple[str, ...]] = set()
    for logical_id, policy in built.resources("AWS::IAM::Policy").items():
        if not logical_id.startswith(f"Workflow{role_id}DefaultPolicy"):
            continue
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            partitions = partitions_of(statement)
            granted |= {(action, resource_name(resource), *partitions) for action in actions for resource in resources}
    return granted


def partitions_of(statement: dict[str, Any]) -> list[str]:
    """Return the partitions of a table that a statement is limited to. Without a limit there are none."""
    match statement.get("Condition"):
        case None | {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": _}}:
            return []
        case {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*partitions]}}:
            return [text_of(partition) for partition in partitions]
    raise AssertionError(statement)


def own(step: str) -> set[tuple[str, ...]]:
    return {(action, f"Workflow{step}Logs") for action in LOGS} | {(action, "*") for action in XRAY}


@pytest.mark.parametrize("step", sorted(PERMISSIONS))
def test_a_step_has_only_the_permissions_that_it_needs(build: Any, step: str) -> None:
    built = build(version=WorkflowVersion.V4, key_prefix="incoming/", published_prefix="out/")
    assert permissions(built, f"{step}Role") == PERMISSIONS[step] | own(step)


@pytest.mark.parametrize("on_reject", list(OnReject))
def test_every_step_of_v5_has_only_the_permissions_that_it_needs(build: Any, on_reject: OnReject) -> None:
    built = build(
        on_reject=on_reject,
        on_delete=OnDelete.WITHDRAW,
        key_prefix="incoming/",
        published_prefix="out/",
        routes={"id-card": EVERY_CHECK},
    )
    expected = V5_PERMISSIONS | {"RemoveRejected": REMOVING[on_reject]}
    assert {step: permissions(built, f"{step}Role") for step in expected} == {
        step: granted | own(step) for step, granted in expected.items()
    }
    assert len(built.resources("AWS::Lambda::Function")) == len(expected)


def tasks(states: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for state in states.values():
        if state["Type"] == "Task":
            yield state
        if "ItemProcessor" in state:
            yield from tasks(state["ItemProcessor"]["States"])


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_the_state_machine_has_only_the_permissions_that_its_definition_needs(
    build: Any, version: WorkflowVersion
) -> None:
    needed: set[tuple[str, ...]] = set()
    for task in tasks(json.loads(version.definition.read_text())["States"]):
        match task["Resource"]:
            case "arn:aws:states:::lambda:invoke":
                function = task["Arguments"]["FunctionName"]
                named = set(re.findall(r"^\$\{(\w+)FunctionArn\}$", function))
                names = CHECKS_OF_DEFAULT_ROUTES if "${Checks}" in function else named
                assert names
                needed |= {("lambda:InvokeFunction", f"Workflow{name}:*") for name in names}
            case "arn:aws:states:::dynamodb:updateItem":
                assert task["Arguments"]["TableName"] == "${RecordsTableName}"
                needed.add(("dynamodb:UpdateItem", "WorkflowRecords"))
            case "arn:aws:states:::dynamodb:getItem":
                assert task["Arguments"]["TableName"] == "${RecordsTableName}"
                needed.add(("dynamodb:GetItem", "WorkflowRecords"))
            case "arn:aws:states:::events:putEvents":
                assert {entry["EventBusName"] for entry in task["Arguments"]["Entries"]} == {"${EventBusName}"}
                needed.add(("events:PutEvents", "default"))
            case other:
                pytest.fail(f"{other} is an integration that this test knows no permission for")
    granted = permissions(build(version=version), "StateMachineRole")
    # Log delivery and tracing take no resource: the services' own documents grant them on '*'.
    unscoped = {permission for permission in granted if permission[0].split(":")[0] in ("logs", "xray")}
    assert {name for _, name in unscoped} == {"*"}
    assert granted - unscoped == needed


def test_the_rule_may_only_start_the_released_version(build: Any) -> None:
    built = build()
    assert permissions(built, "UploadedStarterRole") == {("states:StartExecution", "WorkflowStateMachine")}
    (policy,) = (p for name, p in built.resources("AWS::IAM::Policy").items() if "UploadedStarterRole" in name)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}}


@pytest.mark.parametrize("id", ["SweepQueue", "WithdrawQueue"])
def test_a_queue_accepts_messages_only_from_its_rules_and_only_over_tls(build: Any, id: str) -> None:
    built = build(on_delete=OnDelete.WITHDRAW)
    rules = {"SweepQueue": {"ExecutionEnded", "SweepEachHour", "SweepEachDay"}, "WithdrawQueue": {"Deleted"}}[id]
    (policy,) = (
        policy
        for name, policy in built.resources("AWS::SQS::QueuePolicy").items()
        if name.startswith(f"Workflow{id}Policy")
    )
    denied, *allowed = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "sqs:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    senders = set()
    for statement in allowed:
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        senders.add(text_of(statement["Condition"]["ArnLike"]["aws:SourceArn"]))
    assert senders == {f"Workflow{rule}" for rule in rules}


def test_the_sweeper_of_an_express_workflow_scans_records_instead_of_executions(build: Any) -> None:
    built = build(type=aws_stepfunctions.StateMachineType.EXPRESS, key_prefix="incoming/", published_prefix="out/")
    standard = {one for one in PERMISSIONS["Sweep"] if not one[0].startswith("states:")}
    assert permissions(built, "SweepRole") == standard | {("dynamodb:Scan", "WorkflowRecords")} | own("Sweep")


def an_encrypted_table(stack: Stack) -> aws_dynamodb.Table:
    return aws_dynamodb.Table(
        stack,
        "Mine",
        partition_key=aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING),
        sort_key=aws_dynamodb.Attribute(name="sk", type=aws_dynamodb.AttributeType.STRING),
        encryption_key=aws_kms.Key(stack, "Key"),
    )


@pytest.mark.parametrize("step", ["Render", "Publish", "RemoveRejected", "Sweep", "Withdraw"])
def test_the_key_of_the_records_may_be_used_by_every_function_that_writes_there(build: Any, step: str) -> None:
    built = build(on_delete=OnDelete.WITHDRAW, records=an_encrypted_table)
    assert {("kms:Decrypt", "Key"), ("kms:GenerateDataKey*", "Key")} <= permissions(built, f"{step}Role")
