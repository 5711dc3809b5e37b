"""With ``encryption_key``, one customer key encrypts everything that is made, and roles may use it as they need to."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_kms, aws_s3
from aws_cdk.assertions import Annotations, Match, Template
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.templates import WorkflowTemplate, referenced

from safelight import ImageWorkflow, Monitoring, OnDelete, OnReject, Reprocess, WorkflowVersion

KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/mine"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> WorkflowTemplate:
    """A workflow with everything that it can make, a reprocess and a monitoring. All have one key."""
    app = App(outdir=str(tmp_path_factory.mktemp("encrypted")), context={"safelight:platform": "local"})
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
    workflow = ImageWorkflow(
        stack,
        "Workflow",
        encryption_key=aws_kms.Key(stack, "Key"),
        on_reject=OnReject.QUARANTINE,
        on_delete=OnDelete.WITHDRAW,
    )
    Reprocess(stack, "Again", workflow=workflow)
    Monitoring(stack, "Monitoring", workflow=workflow)
    return WorkflowTemplate(Template.from_stack(stack).to_json())


def key_of(template: WorkflowTemplate) -> str:
    (key,) = template.resources("AWS::KMS::Key")
    return key


@pytest.mark.parametrize(
    ("type_name", "key_in"),
    [
        (
            "AWS::S3::Bucket",
            lambda it: it["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"][
                "KMSMasterKeyID"
            ],
        ),
        ("AWS::DynamoDB::Table", lambda it: it["SSESpecification"]["KMSMasterKeyId"]),
        ("AWS::SQS::Queue", lambda it: it["KmsMasterKeyId"]),
        ("AWS::SNS::Topic", lambda it: it["KmsMasterKeyId"]),
        ("AWS::Logs::LogGroup", lambda it: it["KmsKeyId"]),
        ("AWS::Lambda::Function", lambda it: it["KmsKeyArn"]),
        ("AWS::StepFunctions::StateMachine", lambda it: it["EncryptionConfiguration"]["KmsKeyId"]),
    ],
)
def test_everything_that_is_made_has_the_key(
    encrypted: WorkflowTemplate, type_name: str, key_in: Callable[[dict[str, Any]], Any]
) -> None:
    made = encrypted.resources(type_name)
    assert made
    assert {name for properties in made.values() for name in referenced(key_in(properties))} == {key_of(encrypted)}


def test_every_role_of_a_function_may_decrypt_with_the_key(encrypted: WorkflowTemplate) -> None:
    granted = encrypted.permissions()
    for function in encrypted.functions.values():
        (role,) = referenced(function["Role"])
        assert any(one.action == "kms:Decrypt" and key_of(encrypted) in one.on for one in granted[role]), role


def test_every_role_that_uses_the_table_may_describe_its_key(encrypted: WorkflowTemplate) -> None:
    for role, granted in encrypted.permissions().items():
        actions = {one.action for one in granted}
        uses_table = any(action.startswith("dynamodb:") for action in actions)
        assert ("kms:DescribeKey" in actions) == uses_table, role


@pytest.mark.parametrize("step", ["Prepare", "Render", "RemoveRejected"])
def test_a_step_that_writes_objects_may_make_data_keys(encrypted: WorkflowTemplate, step: str) -> None:
    (role,) = (name for name in encrypted.permissions() if name.startswith(f"Workflow{step}Role"))
    assert "kms:GenerateDataKey*" in {one.action for one in encrypted.permissions()[role]}


def test_no_role_may_use_another_key(encrypted: WorkflowTemplate) -> None:
    keys = {
        one.on
        for permissions in encrypted.permissions().values()
        for one in permissions
        if one.action.startswith("kms:")
    }
    assert keys == {json.dumps({"Fn::GetAtt": [key_of(encrypted), "Arn"]})}


@pytest.mark.parametrize("caller", ["WorkflowUploadedStarterRole", "AgainStateMachineRole"])
def test_roles_that_start_executions_may_use_the_key_for_state_machine_data(
    encrypted: WorkflowTemplate, caller: str
) -> None:
    # Step Functions checks the caller: "Either your KMS key policy or API caller does not have the required
    # permissions" is an error of StartExecution.
    (machine,) = (n for n in encrypted.resources("AWS::StepFunctions::StateMachine") if n.startswith("Workflow"))
    wanted = {"StringLike": {"kms:EncryptionContext:aws:states:stateMachineArn": {"Ref": machine}}}
    (policy,) = (it for name, it in encrypted.resources("AWS::IAM::Policy").items() if name.startswith(caller))
    assert wanted in [statement.get("Condition") for statement in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("service", ["logs.eu-west-1", "delivery.logs", "events", "cloudwatch"])
def test_a_service_may_use_the_key_for_this_account_only(encrypted: WorkflowTemplate, service: str) -> None:
    (key,) = encrypted.resources("AWS::KMS::Key").values()
    (statement,) = (
        statement
        for statement in key["KeyPolicy"]["Statement"]
        if statement["Principal"].get("Service") == f"{service}.amazonaws.com"
    )
    assert "111122223333" in json.dumps(statement["Condition"])


def test_no_service_may_use_the_key_without_a_condition(encrypted: WorkflowTemplate) -> None:
    (key,) = encrypted.resources("AWS::KMS::Key").values()
    services = [it for it in key["KeyPolicy"]["Statement"] if "Service" in it["Principal"]]
    assert all("Condition" in statement for statement in services)


def test_only_the_rules_of_the_workflow_may_send_to_its_queues(encrypted: WorkflowTemplate) -> None:
    for policy in encrypted.resources("AWS::SQS::QueuePolicy").values():
        allowed = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"]
        assert all(
            referenced([it["Condition"][kind]["aws:SourceArn"] for kind in it["Condition"] if kind != "StringEquals"])
            for it in allowed
        )


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_version_with_a_key_passes_the_aws_solutions_pack(build_own: Any, version: WorkflowVersion) -> None:
    built = build_own(version=version, encryption_key=lambda stack: aws_kms.Key(stack, "Key", enable_key_rotation=True))
    assert findings(built.app) == []


def test_an_imported_key_gets_a_warning_with_the_statements_that_it_needs(build: Any) -> None:
    built = build(encryption_key=lambda stack: aws_kms.Key.from_key_arn(stack, "Key", KEY_ARN))
    (warning,) = Annotations.from_stack(built.stack).find_warning(
        "/Test/Workflow", Match.string_like_regexp(".*encryption_key is imported.*")
    )
    for part in ("logs.eu-west-1.amazonaws.com", "delivery.logs.amazonaws.com", "events.amazonaws.com", "rule/*"):
        assert part in str(warning.entry.data)


def test_the_warning_ends_with_a_json_text_without_references(tmp_path_factory: pytest.TempPathFactory) -> None:
    stack = Stack(App(outdir=str(tmp_path_factory.mktemp("key")), context={"safelight:platform": "local"}), "Test")
    key = aws_kms.Key.from_key_arn(stack, "Key", KEY_ARN)
    ImageWorkflow(stack, "Workflow", version=WorkflowVersion.V1, encryption_key=key)
    (warning,) = Annotations.from_stack(stack).find_warning(
        "/Test/Workflow", Match.string_like_regexp(".*encryption_key is imported.*")
    )
    text = str(warning.entry.data)
    shown = text[text.index("[{") : text.rindex("}]") + 2]
    logs, _, events = json.loads(shown)
    assert logs["Principal"] == {"Service": "logs.REGION.amazonaws.com"}
    assert logs["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:REGION:ACCOUNT:log-group:*"
    }
    assert events["Condition"]["StringEquals"] == {"aws:SourceAccount": "ACCOUNT"}


def a_bucket_with_a_key(stack: Stack) -> aws_s3.IBucket:
    key = aws_kms.Key.from_key_arn(stack, "UploadsKey", KEY_ARN)
    return aws_s3.Bucket.from_bucket_attributes(stack, "Own", bucket_name="uploads", encryption_key=key)


def test_copies_of_uploads_have_the_key_of_the_upload_bucket(build: Any) -> None:
    built = build(upload_bucket=a_bucket_with_a_key, on_reject=OnReject.QUARANTINE)
    for copies in ("Analysis", "Quarantine"):
        assert KEY_ARN in json.dumps(built.resource("AWS::S3::Bucket", copies)["BucketEncryption"])
    assert "KMS" not in json.dumps(built.resource("AWS::S3::Bucket", "Published")["BucketEncryption"])


def test_the_encryption_key_has_priority_over_that_of_the_upload_bucket(build: Any) -> None:
    built = build(upload_bucket=a_bucket_with_a_key, encryption_key=lambda stack: aws_kms.Key(stack, "Key"))
    assert KEY_ARN not in json.dumps(built.resource("AWS::S3::Bucket", "Analysis")["BucketEncryption"])
