"""Buckets, table, queue, rule and functions: private, encrypted, bounded, retained."""

import re
from typing import Any

import pytest
from aws_cdk import Duration, RemovalPolicy, aws_s3
from aws_cdk.assertions import Annotations, Match

from safelight import Architecture, ImageWorkflow, OnDelete, OnReject, Platform, WorkflowVersion


def test_buckets_are_private_encrypted_and_owned_by_the_account(build: Any) -> None:
    buckets = build(on_reject=OnReject.QUARANTINE).resources("AWS::S3::Bucket")
    assert len(buckets) == 4
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_buckets_deny_plain_http_and_old_tls(build: Any) -> None:
    policies = build(on_reject=OnReject.QUARANTINE).resources("AWS::S3::BucketPolicy")
    assert len(policies) == 4
    for policy in policies.values():
        denied = [s["Condition"] for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def test_the_upload_bucket_is_versioned_and_sends_events_without_a_custom_resource(build: Any) -> None:
    built = build()
    (uploads,) = (b for name, b in built.resources("AWS::S3::Bucket").items() if "Uploads" in name)
    assert uploads["VersioningConfiguration"] == {"Status": "Enabled"}
    assert uploads["NotificationConfiguration"]["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}
    built.template.resource_count_is("Custom::S3BucketNotifications", 0)


def test_the_quarantine_bucket_deletes_every_version_of_an_object_after_30_days(build: Any) -> None:
    bucket = build(on_reject=OnReject.QUARANTINE).resource("AWS::S3::Bucket", "Quarantine")
    rules = bucket["LifecycleConfiguration"]["Rules"]
    # Expiration only makes the current version noncurrent.
    assert [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule] == [30]
    noncurrent = [rule["NoncurrentVersionExpiration"] for rule in rules if "NoncurrentVersionExpiration" in rule]
    assert noncurrent == [{"NoncurrentDays": 30}]
    assert {rule["Status"] for rule in rules} == {"Enabled"}


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(None, "RetainExceptOnCreate"), (RemovalPolicy.RETAIN, "Retain"), (RemovalPolicy.DESTROY, "Delete")],
    ids=["left out", "retain", "destroy"],
)
def test_resources_with_data_are_retained_by_default(build: Any, policy: RemovalPolicy | None, kept: str) -> None:
    template = build(**({} if policy is None else {"removal_policy": policy})).template.to_json()
    holders = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup")
    held = [
        resource
        for name, resource in template["Resources"].items()
        # What waits there is found again by the schedule.
        if resource["Type"] in holders and not name.startswith("WorkflowSweepQueue")
    ]
    assert {resource["DeletionPolicy"] for resource in held} == {kept}


@pytest.mark.parametrize(
    ("arguments", "protected"),
    [
        ({}, {False}),
        ({"removal_policy": RemovalPolicy.RETAIN}, {True}),
        ({"removal_policy": RemovalPolicy.DESTROY}, {False}),
    ],
    ids=["left out", "retain", "destroy"],
)
def test_a_first_deployment_that_fails_can_delete_its_table_unless_it_must_be_retained(
    build: Any, arguments: dict[str, Any], protected: set[Any]
) -> None:
    tables = build(**arguments).resources("AWS::DynamoDB::Table").values()
    assert {table["DeletionProtectionEnabled"] for table in tables} == protected


@pytest.mark.parametrize(("arguments", "days"), [({}, 30), ({"keep_noncurrent": Duration.days(90)}, 90)])
def test_versions_of_uploads_that_are_no_longer_current_expire(
    build: Any, arguments: dict[str, Any], days: int
) -> None:
    rules = build(**arguments).resource("AWS::S3::Bucket", "Uploads")["LifecycleConfiguration"]["Rules"]
    (rule,) = (rule for rule in rules if rule["Id"] == "ExpireNoncurrentVersions")
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": days}
    assert rule["ExpiredObjectDeleteMarker"] is True
    assert "ExpirationInDays" not in rule


def test_the_versions_of_a_bucket_of_the_user_s_own_expire_by_its_own_rules(build_own: Any) -> None:
    with pytest.raises(ValueError, match=r"keep_noncurrent is for .* upload_bucket is your own"):
        build_own(upload_bucket=lambda stack: aws_s3.Bucket(stack, "Mine"), keep_noncurrent=Duration.days(7))


@pytest.mark.parametrize("kept", [Duration.days(0), Duration.hours(12), Duration.hours(36)])
def test_versions_that_expire_after_part_of_a_day_are_refused(build_own: Any, kept: Duration) -> None:
    with pytest.raises(ValueError, match="S3 expires versions after whole days"):
        build_own(keep_noncurrent=kept)


def test_the_log_group_of_a_state_machine_has_the_whole_uuid_of_its_stack_in_its_name(build: Any) -> None:
    name = build().resource("AWS::Logs::LogGroup", "StateMachineLogs")["LogGroupName"]
    uuid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    assert name["Fn::Join"][1][-1] == uuid


def test_the_table_is_on_demand_encrypted_recoverable_and_streamed(build: Any) -> None:
    (table,) = build().resources("AWS::DynamoDB::Table").values()
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    # False means the key that DynamoDB owns, which costs nothing. Every table is encrypted.
    assert table["SSESpecification"] == {"SSEEnabled": False}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]


def test_the_rule_matches_only_the_bucket_and_the_prefix(build: Any) -> None:
    built = build(key_prefix="incoming/")
    rule = built.resource("AWS::Events::Rule", "Uploaded")
    (bucket,) = (name for name in built.resources("AWS::S3::Bucket") if "Uploads" in name)
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [{"Ref": bucket}]}, "object": {"key": [{"prefix": "incoming/"}]}},
    }


def test_an_event_that_cannot_be_delivered_is_retried_for_a_day_and_then_kept(build: Any) -> None:
    built = build()
    rule = built.resource("AWS::Events::Rule", "Uploaded")
    (target,) = rule["Targets"]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    queue_id = built.stack.get_logical_id(built.workflow.dead_letters.node.default_child)
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": [queue_id, "Arn"]}


def test_every_queue_is_encrypted_and_requires_tls(build: Any) -> None:
    built = build(on_delete=OnDelete.WITHDRAW)
    queues, policies = built.resources("AWS::SQS::Queue"), built.resources("AWS::SQS::QueuePolicy")
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())
    assert {reference["Ref"] for policy in policies.values() for reference in policy["Queues"]} == queues.keys()
    for policy in policies.values():
        assert any(
            statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["PolicyDocument"]["Statement"]
        )


@pytest.mark.parametrize("id", ["Sweep", "Withdraw"])
def test_a_message_that_a_background_function_cannot_process_is_retried_and_kept(build: Any, id: str) -> None:
    built = build(on_delete=OnDelete.WITHDRAW)
    queue = built.resource("AWS::SQS::Queue", f"{id}Queue")
    function = built.resource("AWS::Lambda::Function", id)
    (letters,) = (name for name in built.resources("AWS::SQS::Queue") if name.startswith(f"Workflow{id}DeadLetters"))
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [letters, "Arn"]},
        "maxReceiveCount": 20,
    }
    # "Configuring a queue to use with Lambda" in Lambda's developer guide.
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert built.resource("AWS::SQS::Queue", f"{id}DeadLetters")["MessageRetentionPeriod"] == 14 * 86400
    mapping = built.resources("AWS::Lambda::EventSourceMapping").values()
    assert all(one["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for one in mapping)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_an_execution_is_swept_when_no_function_of_it_can_run_any_more(build: Any, version: WorkflowVersion) -> None:
    built = build(version=version)
    longest = max(
        function["Timeout"]
        for name, function in built.resources("AWS::Lambda::Function").items()
        if not name.startswith("WorkflowSweep")
    )
    assert built.resource("AWS::SQS::Queue", "SweepQueue")["DelaySeconds"] > longest
    rule = built.resource("AWS::Events::Rule", "ExecutionEnded")
    (machine,) = built.resources("AWS::StepFunctions::StateMachine")
    assert rule["EventPattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [{"Ref": machine}]},
    }
    schedule = built.resource("AWS::Events::Rule", "SweepEachHour")
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    (target,) = schedule["Targets"]
    assert target["Input"] == '{"sweep":"everything"}'


def test_every_function_is_traced_bounded_and_logs_to_a_group_with_retention(build: Any) -> None:
    built = build()
    groups = built.resources("AWS::Logs::LogGroup")
    for name, function in built.resources("AWS::Lambda::Function").items():
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["Timeout"] <= (120 if name.startswith("WorkflowSweep") else 60)
        assert groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"] == 30


def test_the_state_machine_is_traced_and_logs_no_execution_data(build: Any) -> None:
    (machine,) = build().resources("AWS::StepFunctions::StateMachine").values()
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_placeholders_equal_substitutions(build: Any, version: WorkflowVersion) -> None:
    (machine,) = build(version=version).resources("AWS::StepFunctions::StateMachine").values()
    text = version.definition.read_text()
    assert machine["DefinitionString"] == text
    assert set(machine["DefinitionSubstitutions"]) == set(re.findall(r"\$\{(\w+)\}", text))


def test_outputs_name_buckets_table_state_machine_and_its_console_page(build: Any) -> None:
    outputs = build(key_prefix="incoming/").template.to_json()["Outputs"]
    assert {name[len("Workflow") : -8] for name in outputs} == {
        "UploadBucketName",
        "UploadKeyPrefix",
        "PublishedBucketName",
        "RecordsTableName",
        "WorkflowId",
        "WorkflowVersion",
        "StateMachineArn",
        "StateMachineConsoleUrl",
    }


def test_commands_find_the_quarantine_bucket_by_an_output(build: Any) -> None:
    stack = build(on_reject=OnReject.QUARANTINE)
    outputs = stack.template.find_outputs("*")
    (found,) = (output["Value"] for name, output in outputs.items() if "QuarantineBucketName" in name)
    assert found["Ref"] in {name for name in stack.resources("AWS::S3::Bucket") if "Quarantine" in name}


def test_functions_are_built_for_python_3_13_on_arm64_by_default() -> None:
    platform = Platform()
    assert (platform.runtime.name, platform.architecture) == ("python3.13", Architecture.ARM64)


def test_a_given_platform_has_priority_over_the_context(build: Any) -> None:
    platform = Platform(python="3.12", architecture=Architecture.X86_64)
    for function in build(version=WorkflowVersion.V1, platform=platform).resources("AWS::Lambda::Function").values():
        assert function["Runtime"] == "python3.12"
        assert function["Architectures"] == ["x86_64"]


def test_an_imported_bucket_gets_a_warning_to_turn_on_event_bridge(build: Any) -> None:
    built = build(upload_bucket=lambda stack: aws_s3.Bucket.from_bucket_name(stack, "Existing", "holiday-photos"))
    Annotations.from_stack(built.stack).has_warning(
        "/Test/Workflow",
        Match.string_like_regexp(
            "Turn on EventBridge notifications for the imported bucket holiday-photos, or no object starts an execution"
        ),
    )


def test_events_are_enabled_for_a_bucket_of_the_same_app(build: Any) -> None:
    built = build(upload_bucket=lambda stack: aws_s3.Bucket(stack, "Mine"))
    (bucket,) = (properties for name, properties in built.resources("AWS::S3::Bucket").items() if "Mine" in name)
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}


def test_two_workflows_may_share_a_table(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    ImageWorkflow(built.stack, "Second", version=WorkflowVersion.V1, records=built.workflow.records)
    built.template.resource_count_is("AWS::DynamoDB::Table", 1)


def test_the_default_version_is_the_newest(build: Any) -> None:
    newest = list(WorkflowVersion)[-1]
    (machine,) = build().resources("AWS::StepFunctions::StateMachine").values()
    assert machine["DefinitionString"] == newest.definition.read_text()
