"""Each role may do what its work needs, and nothing more."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import aws_kms, aws_s3

from safelight import Check, OnReject, Route, WorkflowVersion

XRAY = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
READING = {
    ("s3:GetObject", "WorkflowUploads/incoming/*"),
    ("s3:GetObjectVersion", "WorkflowUploads/incoming/*"),
    # To tell what is gone from what is forbidden.
    ("s3:ListBucket", "WorkflowUploads"),
}

PERMISSIONS: dict[str, set[tuple[str, str]]] = {
    "CheckDimensions": READING,
    "Moderator": READING | {("rekognition:DetectModerationLabels", "*")},
    "GetLabels": READING | {("rekognition:DetectLabels", "*")},
    "Resizer": READING | {("s3:PutObject", "WorkflowPublished/*"), ("s3:GetObject", "WorkflowPublished/*")},
    "Publish": {
        ("dynamodb:UpdateItem", "WorkflowRecords"),
        ("events:PutEvents", "default"),
    },
}
"""What each step of v4 may do, on which resource, beside its own logs and traces."""

LOOKING = READING | {("s3:GetObject", "WorkflowAnalysis/incoming/*")}

V5_PERMISSIONS: dict[str, set[tuple[str, str]]] = {
    "Develop": READING | {("s3:PutObject", "WorkflowAnalysis/incoming/*")},
    "CheckModeration": LOOKING | {("rekognition:DetectModerationLabels", "*")},
    "CheckPeople": LOOKING | {("rekognition:DetectLabels", "*")},
    "CheckLabels": LOOKING | {("rekognition:DetectLabels", "*")},
    "CheckWords": LOOKING | {("rekognition:DetectText", "*")},
    "Render": PERMISSIONS["Resizer"],
    "Publish": PERMISSIONS["Publish"],
}
"""The same of v5's, but for the one that takes rejected uploads away."""

WITHDRAWING = {
    ("s3:GetObject", "WorkflowPublished/*"),
    ("s3:DeleteObject", "WorkflowPublished/*"),
    ("s3:ListBucket", "WorkflowPublished"),
    ("dynamodb:GetItem", "WorkflowRecords"),
    ("dynamodb:UpdateItem", "WorkflowRecords"),
    ("dynamodb:DeleteItem", "WorkflowRecords"),
}
DELETING = {
    ("s3:DeleteObject", "WorkflowUploads/incoming/*"),
    ("s3:DeleteObjectVersion", "WorkflowUploads/incoming/*"),
}
COPYING = {
    ("s3:GetObjectTagging", "WorkflowUploads/incoming/*"),
    ("s3:GetObjectVersionTagging", "WorkflowUploads/incoming/*"),
    ("s3:PutObject", "WorkflowQuarantine/incoming/*"),
    ("s3:PutObjectTagging", "WorkflowQuarantine/incoming/*"),
}
REMOVING: dict[OnReject, set[tuple[str, str]]] = {
    OnReject.KEEP: WITHDRAWING,
    OnReject.QUARANTINE: WITHDRAWING | DELETING | READING | COPYING,
    OnReject.DELETE: WITHDRAWING | DELETING | READING,
}
"""What the step that takes rejected uploads away may do, by what is to become of them."""

EVERY_CHECK = Route(
    checks=[
        Check.moderation(),
        Check.no_people(),
        Check.labels(required=["Person"]),
        Check.words(required=["NEW YORK"]),
    ]
)
CHECKS_OF_DEFAULT_ROUTES = {"CheckModeration", "CheckPeople"}


def text_of(resource: Any) -> str:
    match resource:
        case str():
            return resource
        case {"Ref": str(name)} if name.startswith("AWS::"):
            return name
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), "Arn"]}:
            return logical_id[:-8]
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(text_of(part) for part in parts)
    raise AssertionError(resource)


def resource_name(resource: Any) -> str:
    """Reduce an ARN in a template to what it names: a logical id without its hash, and what follows it."""
    return text_of(resource).rsplit(":event-bus/", 1)[-1]


def permissions(built: Any, role_id: str) -> set[tuple[str, str]]:
    granted: set[tuple[str, str]] = set()
    for logical_id, policy in built.resources("AWS::IAM::Policy").items():
        if not logical_id.startswith(f"Workflow{role_id}DefaultPolicy"):
            continue
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            granted |= {(action, resource_name(resource)) for action in actions for resource in resources}
    return granted


def own(step: str) -> set[tuple[str, str]]:
    return {(action, f"Workflow{step}Logs") for action in LOGS} | {(action, "*") for action in XRAY}


@pytest.mark.parametrize("step", sorted(PERMISSIONS))
def test_a_step_may_do_what_it_does_and_nothing_more(build: Any, step: str) -> None:
    built = build(version=WorkflowVersion.V4, key_prefix="incoming/")
    assert permissions(built, f"{step}Role") == PERMISSIONS[step] | own(step)


@pytest.mark.parametrize("on_reject", list(OnReject))
def test_every_step_of_v5_may_do_what_it_does_and_nothing_more(build: Any, on_reject: OnReject) -> None:
    built = build(on_reject=on_reject, key_prefix="incoming/", routes={"id-card": EVERY_CHECK})
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
def test_the_state_machine_may_do_what_its_definition_does_and_nothing_more(
    build: Any, version: WorkflowVersion
) -> None:
    needed: set[tuple[str, str]] = set()
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
    unscoped = {(action, name) for action, name in granted if action.split(":")[0] in ("logs", "xray")}
    assert {name for _, name in unscoped} == {"*"}
    assert granted - unscoped == needed


def test_the_rule_may_start_the_released_version_and_nothing_more(build: Any) -> None:
    built = build()
    assert permissions(built, "StarterRole") == {("states:StartExecution", "WorkflowStateMachine")}
    (policy,) = (p for name, p in built.resources("AWS::IAM::Policy").items() if "StarterRole" in name)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}}


def test_every_function_has_a_role_of_its_own(build: Any) -> None:
    functions = build(version=WorkflowVersion.V4).resources("AWS::Lambda::Function")
    roles = [json.dumps(function["Role"]) for function in functions.values()]
    assert len(roles) == len(set(roles)) == 5


def test_no_role_has_a_managed_policy(build: Any) -> None:
    roles = build(version=WorkflowVersion.V4).resources("AWS::IAM::Role")
    assert all("ManagedPolicyArns" not in role for role in roles.values())


@pytest.mark.parametrize(
    ("version", "readers"),
    [
        (WorkflowVersion.V4, {"CheckDimensions", "Moderator", "GetLabels", "Resizer"}),
        (WorkflowVersion.V5, {"Develop", "CheckModeration", "CheckPeople", "Render", "RemoveRejected"}),
    ],
)
def test_customer_managed_keys_may_be_used_by_the_steps_that_read_and_write_there(
    build: Any, version: WorkflowVersion, readers: set[str]
) -> None:
    built = build(
        version=version,
        upload_bucket=lambda stack: aws_s3.Bucket(
            stack, "Mine", encryption_key=aws_kms.Key(stack, "Key"), event_bridge_enabled=True
        ),
        **({"on_reject": OnReject.QUARANTINE} if version is WorkflowVersion.V5 else {}),
    )
    for step in readers:
        assert ("kms:Decrypt", "Key") in permissions(built, f"{step}Role")
    assert not any(action.startswith("kms:") for action, _ in permissions(built, "PublishRole"))
