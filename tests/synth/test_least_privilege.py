"""Each role may do what its work needs, and nothing more."""

import json
from typing import Any

import pytest
from aws_cdk import aws_kms, aws_s3

from safelight import WorkflowVersion

XRAY = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
UPLOADS = ("s3:GetObject", "s3:GetObjectVersion")

PERMISSIONS: dict[str, set[tuple[str, str]]] = {
    "CheckDimensions": {(action, "WorkflowUploads/incoming/*") for action in UPLOADS},
    "Moderator": {(action, "WorkflowUploads/incoming/*") for action in UPLOADS}
    | {("rekognition:DetectModerationLabels", "*")},
    "GetLabels": {(action, "WorkflowUploads/incoming/*") for action in UPLOADS} | {("rekognition:DetectLabels", "*")},
    "Resizer": {(action, "WorkflowUploads/incoming/*") for action in UPLOADS}
    | {("s3:PutObject", "WorkflowPublished/*"), ("s3:GetObject", "WorkflowPublished/*")},
    "Publish": {
        ("dynamodb:UpdateItem", "WorkflowRecords"),
        ("events:PutEvents", "default"),
    },
}
"""What each step may do, on which resource, beside its own logs and traces."""


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


@pytest.mark.parametrize("step", sorted(PERMISSIONS))
def test_a_step_may_do_what_it_does_and_nothing_more(build: Any, step: str) -> None:
    built = build(version=WorkflowVersion.V4, key_prefix="incoming/")
    own = {(action, f"Workflow{step}Logs") for action in LOGS} | {(action, "*") for action in XRAY}
    assert permissions(built, f"{step}Role") == PERMISSIONS[step] | own


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_the_state_machine_may_do_what_its_definition_does_and_nothing_more(
    build: Any, version: WorkflowVersion
) -> None:
    definition = json.loads(version.definition.read_text())
    needed: set[tuple[str, str]] = set()
    for state in definition["States"].values():
        match state.get("Resource"):
            case "arn:aws:states:::lambda:invoke":
                name = state["Arguments"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
                needed.add(("lambda:InvokeFunction", f"Workflow{name}:*"))
            case "arn:aws:states:::dynamodb:updateItem":
                assert state["Arguments"]["TableName"] == "${RecordsTableName}"
                needed.add(("dynamodb:UpdateItem", "WorkflowRecords"))
            case "arn:aws:states:::dynamodb:getItem":
                assert state["Arguments"]["TableName"] == "${RecordsTableName}"
                needed.add(("dynamodb:GetItem", "WorkflowRecords"))
            case "arn:aws:states:::events:putEvents":
                assert {entry["EventBusName"] for entry in state["Arguments"]["Entries"]} == {"${EventBusName}"}
                needed.add(("events:PutEvents", "default"))
            case None:
                pass
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


def test_customer_managed_keys_may_be_used_by_the_steps_that_read_and_write_there(build: Any) -> None:
    built = build(
        upload_bucket=lambda stack: aws_s3.Bucket(
            stack, "Mine", encryption_key=aws_kms.Key(stack, "Key"), event_bridge_enabled=True
        )
    )
    for step in ("CheckDimensionsRole", "ModeratorRole", "GetLabelsRole", "ResizerRole"):
        assert ("kms:Decrypt", "Key") in permissions(built, step)
    assert not any(action.startswith("kms:") for action, _ in permissions(built, "PublishRole"))
