"""The topic, the log of outcomes and the saved queries of a monitored workflow."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import RemovalPolicy, aws_events, aws_sns
from tests.synth.image_workflow.monitored import Monitored, plain

from safelight import ImageWorkflow, Monitoring, WorkflowVersion

FRAGMENTS = Path(__file__).parents[3] / "statemachines" / "fragments"
SCHEMAS = Path(__file__).parents[3] / "docs" / "reference" / "schemas"


def test_the_topic_is_encrypted_by_a_key_that_alarms_may_use(monitored: Any) -> None:
    subject = monitored()
    (topic,) = subject.resources("AWS::SNS::Topic").values()
    ((key_id, key),) = subject.resources("AWS::KMS::Key").items()
    assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": [key_id, "Arn"]}
    assert key["EnableKeyRotation"] is True
    (granted,) = (s for s in key["KeyPolicy"]["Statement"] if "Service" in s["Principal"])
    assert granted["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(granted["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert granted["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


def test_the_topic_requires_tls_and_accepts_only_alarms_of_this_account(monitored: Any) -> None:
    (policy,) = monitored().resources("AWS::SNS::TopicPolicy").values()
    denied, allowed = policy["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "sns:Publish")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    source = plain(allowed["Condition"]["ArnLike"]["aws:SourceArn"])
    assert source == "arn:<AWS::Partition>:cloudwatch:eu-west-1:111122223333:alarm:*"


def test_an_address_is_subscribed(monitored: Any) -> None:
    subject = monitored(email="ops@example.com")
    (topic,) = subject.resources("AWS::SNS::Topic")
    (subscription,) = subject.resources("AWS::SNS::Subscription").values()
    assert subscription == {"Protocol": "email", "Endpoint": "ops@example.com", "TopicArn": {"Ref": topic}}


def test_without_an_address_nobody_is_subscribed(monitored: Any) -> None:
    assert monitored().resources("AWS::SNS::Subscription") == {}


def test_a_given_topic_is_used_instead_of_a_new_one(build_own: Any) -> None:
    built = build_own()
    topic = aws_sns.Topic.from_topic_arn(built.stack, "Pager", "arn:aws:sns:eu-west-1:111122223333:pager")
    subject = Monitored(built, topic=topic)
    assert subject.monitoring.topic is topic
    assert subject.resources("AWS::SNS::Topic") == subject.resources("AWS::KMS::Key") == {}
    alarms = subject.resources("AWS::CloudWatch::Alarm").values()
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(topic.topic_arn,)}


def test_every_announcement_of_this_workflow_is_logged_and_no_other_s(monitored: Any) -> None:
    subject = monitored()
    (rule,) = (r for id, r in subject.resources("AWS::Events::Rule").items() if id.startswith("Ops"))
    assert rule["EventPattern"] == {
        "source": ["safelight"],
        "detail-type": ["Image Published", "Image Rejected", "Image Failed", "Image Withdrawn"],
        "detail": {"workflow": ["Test.Workflow"]},
    }
    (target,) = rule["Targets"]
    log_group = subject.name(subject.monitoring.outcomes)
    assert plain(target["Arn"]) == f"arn:<AWS::Partition>:logs:eu-west-1:111122223333:log-group:<{log_group}>"


def test_the_log_uses_the_bus_of_the_workflow(build_own: Any) -> None:
    built = build_own(event_bus=lambda stack: aws_events.EventBus(stack, "Bus"))
    subject = Monitored(built)
    (rule,) = (r for id, r in subject.resources("AWS::Events::Rule").items() if id.startswith("Ops"))
    (bus,) = subject.resources("AWS::Events::EventBus")
    assert rule["EventBusName"] == {"Ref": bus}


def test_event_bridge_may_write_to_that_log_group_and_no_other(monitored: Any) -> None:
    subject = monitored()
    (policy,) = subject.resources("AWS::Logs::ResourcePolicy").values()
    statements = json.loads(plain(policy["PolicyDocument"]))["Statement"]
    assert [statement["Action"] for statement in statements] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    for statement in statements:
        assert statement["Principal"] == {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
        assert statement["Resource"] == f"<{subject.name(subject.monitoring.outcomes)}>"


def test_outcomes_are_counted_by_status_rejections_by_reason_and_both_by_route(monitored: Any) -> None:
    subject = monitored()
    log_group = {"Ref": subject.name(subject.monitoring.outcomes)}
    counted = {}
    for one in subject.resources("AWS::Logs::MetricFilter").values():
        if one["LogGroupName"] == log_group:
            (transformation,) = one["MetricTransformations"]
            assert transformation["MetricNamespace"] == "Safelight"
            assert transformation["MetricValue"] == "1"
            # CloudWatch Logs refuses a default value beside dimensions.
            assert "DefaultValue" not in transformation
            dimensions = {pair["Key"]: pair["Value"] for pair in transformation["Dimensions"]}
            assert all(f"{field} = " in one["FilterPattern"] for field in dimensions.values())
            counted[transformation["MetricName"]] = dimensions
    assert counted == {
        "Outcomes": {"Workflow": "$.detail.workflow", "Status": "$.detail.status"},
        "Rejections": {"Workflow": "$.detail.workflow", "Reason": "$.detail.reason"},
        "Routes": {"Workflow": "$.detail.workflow", "Route": "$.detail.route", "Status": "$.detail.status"},
    }


def test_monitoring_has_no_function_and_no_role_of_its_own(monitored: Any) -> None:
    types = {resource["Type"] for resource in monitored().own().values()}
    assert not {kind for kind in types if kind.startswith(("AWS::IAM::", "AWS::Lambda::", "Custom::"))}


@pytest.mark.parametrize(
    ("given", "kept"),
    [({}, "RetainExceptOnCreate"), ({"removal_policy": RemovalPolicy.DESTROY}, "Delete")],
    ids=["left out", "destroy"],
)
def test_resources_with_data_are_retained_by_default(monitored: Any, given: dict[str, Any], kept: str) -> None:
    own = monitored(**given).own().values()
    held = [resource for resource in own if resource["Type"] in ("AWS::Logs::LogGroup", "AWS::KMS::Key")]
    assert [resource["DeletionPolicy"] for resource in held] == [kept, kept]


def test_outcomes_are_kept_for_a_month(monitored: Any) -> None:
    (log_group,) = (r for r in monitored().own().values() if r["Type"] == "AWS::Logs::LogGroup")
    assert log_group["Properties"]["RetentionInDays"] == 30


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_an_image_is_found_by_its_key_in_outcomes_and_in_every_function_s_log(
    monitored: Any, version: WorkflowVersion
) -> None:
    subject = monitored(version=version)
    queries = {query["Name"]: query for query in subject.resources("AWS::Logs::QueryDefinition").values()}
    query = queries["Test/Ops/Find an image by key"]
    searched = {name["Ref"] for name in query["LogGroupNames"]}
    functions = {f["LoggingConfig"]["LogGroup"]["Ref"] for f in subject.resources("AWS::Lambda::Function").values()}
    assert searched == functions | {subject.name(subject.monitoring.outcomes)}
    assert "detail.key = " in query["QueryString"]
    assert "upload.key = " in query["QueryString"]


def test_queries_are_saved_for_failures_rejections_and_slow_uploads(monitored: Any) -> None:
    subject = monitored()
    outcomes = subject.name(subject.monitoring.outcomes)
    saved = {
        query["Name"].removeprefix("Test/Ops/"): [name["Ref"] for name in query["LogGroupNames"]]
        for query in subject.resources("AWS::Logs::QueryDefinition").values()
    }
    del saved["Find an image by key"]
    executions = saved.pop("Slowest uploads")
    assert saved == {"Failures": [outcomes], "Rejections by reason and place": [outcomes]}
    assert [name[:-8] for name in executions] == ["WorkflowStateMachineLogs"]


def test_two_workflows_in_one_stack_are_monitored_apart(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    other = ImageWorkflow(built.stack, "Other", version=WorkflowVersion.V1)
    subject = Monitored(built)
    Monitoring(built.stack, "OtherOps", workflow=other)
    listened = [
        json.dumps(rule["EventPattern"]["detail"]["workflow"])
        for rule in subject.resources("AWS::Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["safelight"]
    ]
    assert len(listened) == len(set(listened)) == 2


def test_the_query_of_failures_shows_only_fields_that_a_failure_has(monitored: Any) -> None:
    announced = json.loads((FRAGMENTS / "announcements" / "failure.json").read_text())["Detail"]
    sent = {f"detail.{name}" for name in announced} | {
        f"detail.detail.{name}" for name in re.findall(r"'(\w+)':", announced["detail"])
    }
    (text,) = (
        query["QueryString"]
        for query in monitored().resources("AWS::Logs::QueryDefinition").values()
        if json.dumps(query["Name"]).endswith('/Failures"')
    )
    assert set(re.findall(r"detail(?:\.\w+)+", text)) <= sent


def test_every_query_shows_only_fields_that_events_functions_or_step_functions_write(monitored: Any) -> None:
    schemas = [json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")]
    of_events = {f"detail.{name}" for schema in schemas for name in properties(schema)}
    # The lines of functions have these fields by awskit's logger, those of the state machine by Step Functions.
    of_lines = {"message", "level", "upload.key", "execution", "execution_arn", "@timestamp", "@log"}
    of_failures = {"detail.detail.name"}
    for query in monitored().resources("AWS::Logs::QueryDefinition").values():
        used = re.findall(r"@?\b(?:detail|upload)\.[\w.]+|@\w+|\bexecution_arn\b", query["QueryString"])
        assert used
        assert set(used) <= of_events | of_lines | of_failures, query["Name"]


def properties(node: Any) -> set[str]:
    """Return the names of the properties of a JSON Schema, at any depth."""
    if isinstance(node, list):
        return {name for part in node for name in properties(part)}
    if not isinstance(node, dict):
        return set()
    return set(node.get("properties", {})) | {name for part in node.values() for name in properties(part)}


def test_the_manual_explains_every_alarm_and_query(monitored: Any) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    subject = monitored()
    alarms = {logical_id[3:-8] for logical_id in subject.resources("AWS::CloudWatch::Alarm")}
    explained = {re.sub(r"\w+(?=Errors$|Throttles$)", "...", id) for id in alarms if id != "ExecutionsThrottled"}
    queries = {query["Name"].split("/")[-1] for query in subject.resources("AWS::Logs::QueryDefinition").values()}
    assert {name for name in explained | {"ExecutionsThrottled"} if f"`{name}`" not in manual} == set()
    assert {name for name in queries if f"*{name}*" not in manual} == set()
