"""Alarms, dashboard, metrics of outcomes and saved queries of a monitored workflow."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, RemovalPolicy, Validations, aws_events, aws_sns
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from safelight import Check, ImageWorkflow, OnDelete, Route, WorkflowVersion
from safelight.image_workflow.alarms import REJECTING_STEPS
from safelight.image_workflow.monitoring import Monitoring
from safelight.image_workflow.steps import STEP_DEFINITIONS

LAMBDAS = Path(__file__).parents[3] / "lambdas"

EXECUTIONS = {
    "ExecutionsFailed",
    "ExecutionsTimedOut",
    "ExecutionsAborted",
    "ExecutionThrottled",
    "ExecutionTime",
}


class Monitored:
    """A workflow, its monitoring, and the template of both."""

    def __init__(self, built: Any, **arguments: Any) -> None:
        self.built = built
        self.workflow = built.workflow
        self.monitoring = Monitoring(built.stack, "Ops", workflow=built.workflow, **arguments)

    @property
    def template(self) -> Template:
        return Template.from_stack(self.built.stack)

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        found: dict[str, Any] = self.built.resources(type_name)
        return found

    def own(self) -> dict[str, Any]:
        """Whole resources of the monitoring, by logical id."""
        resources = self.template.to_json()["Resources"]
        return {logical_id: resource for logical_id, resource in resources.items() if logical_id.startswith("Ops")}

    def alarm(self, id: str) -> dict[str, Any]:
        (alarm,) = (
            properties
            for logical_id, properties in self.resources("AWS::CloudWatch::Alarm").items()
            if re.fullmatch(f"Ops{id}[0-9A-F]{{8}}", logical_id)
        )
        return dict(alarm)

    def name(self, construct: Any) -> str:
        return str(self.built.stack.get_logical_id(construct.node.default_child))


@pytest.fixture
def monitored(build: Any) -> Callable[..., Monitored]:
    """Synthesise a monitored workflow with the arguments of both."""

    def build_with(version: WorkflowVersion = WorkflowVersion.V4, **arguments: Any) -> Monitored:
        return Monitored(build(version=version), **arguments)

    return build_with


def plain(text: Any) -> str:
    """Give a text of a template with its references by name."""
    match text:
        case {"Fn::Join": [str(between), [*parts]]}:
            return between.join(plain(part) for part in parts)
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return f"<{name}>"
    return str(text)


def dashboard_of(subject: Monitored) -> Any:
    (dashboard,) = subject.resources("AWS::CloudWatch::Dashboard").values()
    return json.loads(plain(dashboard["DashboardBody"]))


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_alarm_tells_the_topic_of_trouble_and_of_its_end(monitored: Any, version: WorkflowVersion) -> None:
    subject = monitored(version=version)
    (topic,) = subject.resources("AWS::SNS::Topic")
    alarms = subject.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == len(subject.monitoring.alarms)
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        assert alarm.get("ActionsEnabled", True)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_silence_is_no_trouble(monitored: Any, version: WorkflowVersion) -> None:
    alarms = monitored(version=version).resources("AWS::CloudWatch::Alarm").values()
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_every_alarm_says_what_to_do_within_what_cloudwatch_takes(monitored: Any) -> None:
    for alarm in monitored().resources("AWS::CloudWatch::Alarm").values():
        description = plain(alarm["AlarmDescription"])
        assert len(description) < 900
        assert re.search("Mend|mend|fix|Ask|ask|See|saved query", description)


def test_executions_are_watched_by_the_state_machine_s_own_metrics(monitored: Any) -> None:
    subject = monitored()
    machine = {"Name": "StateMachineArn", "Value": {"Ref": subject.name(subject.workflow.state_machine)}}
    watched = {
        alarm["MetricName"]: alarm["Dimensions"]
        for alarm in subject.resources("AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/States"
    }
    assert watched == {name: [machine] for name in EXECUTIONS}


@pytest.mark.parametrize("id", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "DeadLetters"])
def test_one_image_that_is_lost_sight_of_is_enough(monitored: Any, id: str) -> None:
    alarm = monitored().alarm(id)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 300)


@pytest.mark.parametrize("id", ["ExecutionsThrottled", "ExecutionsSlow", "ResizeThrottles"])
def test_what_mends_itself_must_last_for_fifteen_minutes(monitored: Any, id: str) -> None:
    alarm = monitored().alarm(id)
    assert alarm["EvaluationPeriods"] * alarm["Period"] == 15 * 60


def test_the_queue_of_undelivered_events_is_watched(monitored: Any) -> None:
    subject = monitored()
    alarm = subject.alarm("DeadLetters")
    queue = {"Fn::GetAtt": [subject.name(subject.workflow.dead_letters), "QueueName"]}
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue}]


def test_the_queues_of_what_background_functions_could_not_handle_are_watched(build: Any) -> None:
    subject = Monitored(build(on_delete=OnDelete.WITHDRAW))
    queues = subject.workflow.background_dead_letters
    for id, queue in zip(("SweepDeadLetters", "WithdrawDeadLetters"), queues, strict=True):
        alarm = subject.alarm(id)
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 300)
        name = {"Fn::GetAtt": [subject.name(queue), "QueueName"]}
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": name}]
    assert subject.alarm("WithdrawErrors")


@pytest.mark.parametrize(
    ("given", "milliseconds"), [({}, 120_000), ({"max_duration": Duration.seconds(30)}, 30_000)], ids=["left out", "30"]
)
def test_the_longest_duration_holds_for_99_of_100_executions(
    monitored: Any, given: dict[str, Any], milliseconds: int
) -> None:
    alarm = monitored(**given).alarm("ExecutionsSlow")
    assert alarm["ExtendedStatistic"] == "p99"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Threshold"] == milliseconds


def test_no_time_at_all_is_no_duration(build: Any) -> None:
    with pytest.raises(ValueError, match="max_duration"):
        Monitored(build(), max_duration=Duration.seconds(0))


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (WorkflowVersion.V1, {"Resize", "Publish", "Sweep"}),
        (WorkflowVersion.V4, {"CheckDimensions", "Moderate", "DetectLabels", "Resize", "Publish", "Sweep"}),
        (WorkflowVersion.V5, {"Develop", "Moderation", "NoPeople", "Render", "Publish", "RemoveRejected", "Sweep"}),
    ],
)
def test_each_function_of_the_version_is_watched(monitored: Any, version: WorkflowVersion, names: set[str]) -> None:
    alarms = monitored(version=version).resources("AWS::CloudWatch::Alarm")
    found = {match[1] for match in (re.match(r"Ops(\w+)(?:Errors|Throttles)", id) for id in alarms) if match}
    assert found == names


def test_the_function_of_every_check_that_a_route_has_is_watched(build: Any) -> None:
    words, labels = Check.words(required=["NEW YORK"]), Check.labels(required=["Person"])
    subject = Monitored(build(routes={"id-card": Route(checks=[words, labels])}))
    assert subject.alarm("WordsErrors")
    assert subject.alarm("LabelsErrors")


def test_errors_and_throttles_of_a_check_are_lambda_s_own_metrics(monitored: Any) -> None:
    subject = monitored(version=WorkflowVersion.V5)
    function = {"Name": "FunctionName", "Value": {"Ref": subject.name(subject.workflow.steps["moderation"].function)}}
    for id, metric in (("ModerationErrors", "Errors"), ("ModerationThrottles", "Throttles")):
        alarm = subject.alarm(id)
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", metric)
        assert alarm["Dimensions"] == [function]
        assert alarm["Statistic"] == "Sum"


@pytest.mark.parametrize("package", sorted(REJECTING_STEPS))
def test_a_rejection_is_no_error_of_the_step_that_rejects_by_raising(monitored: Any, package: str) -> None:
    subject = monitored(version=WorkflowVersion.V5 if package == "render" else WorkflowVersion.V1)
    step = subject.workflow.steps[package]
    alarm = subject.alarm(f"{package.capitalize()}Errors")
    filters = subject.resources("AWS::Logs::MetricFilter").values()
    (faults,) = (one for one in filters if one["LogGroupName"] == {"Ref": subject.name(step.log_group)})
    (transformation,) = faults["MetricTransformations"]
    assert transformation["MetricName"] == alarm["MetricName"] == {"Ref": subject.name(step.function)}
    assert transformation["MetricNamespace"] == alarm["Namespace"] == "Safelight/Faults"
    # A rejection is logged at level INFO, and its error type is RejectedImage.
    assert '$.level = "ERROR"' in faults["FilterPattern"]
    assert "Rejected" not in faults["FilterPattern"]


def test_the_steps_that_reject_by_raising_are_the_ones_that_are_no_checks() -> None:
    raising = {
        definition.package
        for definition in STEP_DEFINITIONS.values()
        if "\n    RejectedImage\n" in (LAMBDAS / definition.package / "handler.py").read_text()
    }
    assert raising == REJECTING_STEPS


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


def test_the_topic_takes_tls_alone_and_alarms_of_this_account(monitored: Any) -> None:
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


def test_nobody_is_subscribed_when_no_address_is_given(monitored: Any) -> None:
    assert monitored().resources("AWS::SNS::Subscription") == {}


def test_a_topic_that_is_brought_along_is_used_and_none_made(build: Any) -> None:
    built = build()
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


def test_the_log_listens_on_the_bus_that_the_workflow_speaks_on(build: Any) -> None:
    built = build(event_bus=lambda stack: aws_events.EventBus(stack, "Bus"))
    subject = Monitored(built)
    (rule,) = (r for id, r in subject.resources("AWS::Events::Rule").items() if id.startswith("Ops"))
    (bus,) = subject.resources("AWS::Events::EventBus")
    assert rule["EventBusName"] == {"Ref": bus}


def test_event_bridge_may_write_to_that_log_group_and_no_other(monitored: Any) -> None:
    subject = monitored()
    (policy,) = subject.resources("AWS::Logs::ResourcePolicy").values()
    (statement,) = json.loads(plain(policy["PolicyDocument"]))["Statement"]
    assert statement["Principal"] == {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
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
    [({}, "Retain"), ({"removal_policy": RemovalPolicy.DESTROY}, "Delete")],
    ids=["left out", "destroy"],
)
def test_what_holds_data_is_retained_unless_told_otherwise(monitored: Any, given: dict[str, Any], kept: str) -> None:
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


@pytest.mark.parametrize("id", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_an_alarm_of_an_execution_that_ended_badly_says_how_its_upload_runs_again(monitored: Any, id: str) -> None:
    description = plain(monitored().alarm(id)["AlarmDescription"])
    assert "`safelight retry KEY`" in description
    assert "Redrive" in description


@pytest.mark.parametrize("id", ["ExecutionsTimedOut", "ExecutionsAborted"])
def test_no_new_execution_is_asked_for_where_the_upload_is_claimed_still(monitored: Any, id: str) -> None:
    assert "New execution" not in plain(monitored().alarm(id)["AlarmDescription"])


def test_alarms_name_queries_that_are_saved(monitored: Any) -> None:
    subject = monitored()
    saved = {query["Name"] for query in subject.resources("AWS::Logs::QueryDefinition").values()}
    named = {
        match[1]
        for alarm in subject.resources("AWS::CloudWatch::Alarm").values()
        for match in re.finditer(r"saved query (.+?) lists", plain(alarm["AlarmDescription"]))
    }
    assert named
    assert named <= saved


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_the_dashboard_shows_executions_outcomes_durations_functions_and_dead_letters(
    monitored: Any, version: WorkflowVersion
) -> None:
    subject = monitored(version=version)
    shown: dict[str, int] = {}
    for widget in dashboard_of(subject)["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], str):
                shown[metric[1]] = shown.get(metric[1], 0) + 1
    functions = len(subject.resources("AWS::Lambda::Function"))
    assert shown == {
        "ExecutionsStarted": 1,
        "ExecutionsSucceeded": 1,
        "ExecutionsFailed": 1,
        "ExecutionsTimedOut": 1,
        "ExecutionsAborted": 1,
        "ExecutionThrottled": 1,
        "Outcomes": 4,
        "ExecutionTime": 2,
        "ApproximateNumberOfMessagesVisible": 2,
        "Errors": functions,
        "Duration": functions,
        "ConcurrentExecutions": functions,
    }


@pytest.mark.parametrize(
    ("title", "metric", "dimensions", "label"),
    [
        ("Rejections by reason", "Rejections", "Reason,Workflow", "${PROP('Dim.Reason')}"),
        ("Outcomes by route", "Routes", "Route,Status,Workflow", "${PROP('Dim.Route')} ${PROP('Dim.Status')}"),
    ],
)
def test_the_dashboard_finds_whatever_reasons_and_routes_there_are(
    monitored: Any, title: str, metric: str, dimensions: str, label: str
) -> None:
    subject = monitored(version=WorkflowVersion.V5)
    graphs = {w["properties"].get("title"): w["properties"] for w in dashboard_of(subject)["widgets"]}
    ((search,),) = graphs[title]["metrics"]
    workflow = subject.workflow.workflow_id
    assert search["expression"] == (
        f"SEARCH('{{Safelight,{dimensions}}} MetricName=\"{metric}\" Workflow=\"{workflow}\"', 'Sum')"
    )
    assert search["label"] == label


def test_every_row_of_the_dashboard_is_as_wide_as_the_page(monitored: Any) -> None:
    rows: dict[int, int] = {}
    for widget in dashboard_of(monitored())["widgets"]:
        rows[widget["y"]] = rows.get(widget["y"], 0) + widget["width"]
    assert set(rows.values()) == {24}


def test_the_dashboard_shows_every_alarm_and_links_to_what_an_operator_opens(monitored: Any) -> None:
    subject = monitored()
    links, alarms, *_ = (widget["properties"] for widget in dashboard_of(subject)["widgets"])
    assert set(alarms["alarms"]) == {f"<{id}>" for id in subject.resources("AWS::CloudWatch::Alarm")}
    assert re.findall(r"\[([\w ]+)\]\(https://eu-west-1\.console", links["markdown"]) == [
        "Executions",
        "Records",
        "Queues",
        "Logs Insights",
    ]


def test_two_workflows_in_one_stack_are_monitored_apart(build: Any) -> None:
    built = build(version=WorkflowVersion.V1)
    other = ImageWorkflow(built.stack, "Other", version=WorkflowVersion.V1)
    subject = Monitored(built)
    Monitoring(built.stack, "OtherOps", workflow=other)
    listened = [
        json.dumps(rule["EventPattern"]["detail"]["workflow"])
        for rule in subject.resources("AWS::Events::Rule").values()
        if rule.get("EventPattern", {}).get("source") == ["safelight"]
    ]
    assert len(listened) == len(set(listened)) == 2


@pytest.mark.parametrize("version", [WorkflowVersion.V1, WorkflowVersion.V4, WorkflowVersion.V5])
def test_a_monitored_workflow_passes_the_aws_solutions_pack(monitored: Any, version: WorkflowVersion) -> None:
    subject = monitored(version=version, email="ops@example.com")
    app = subject.built.app
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    report = Path(app.outdir) / "validation-report.json"
    try:
        app.synth()
    except Exception:
        if not report.exists():
            raise
    plugins = json.loads(report.read_text())["pluginReports"]
    assert [violation["ruleName"] for plugin in plugins for violation in plugin["violations"]] == []


def test_the_manual_explains_every_alarm_and_query(monitored: Any) -> None:
    manual = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    subject = monitored()
    alarms = {logical_id[3:-8] for logical_id in subject.resources("AWS::CloudWatch::Alarm")}
    explained = {re.sub(r"\w+(?=Errors$|Throttles$)", "...", id) for id in alarms if id != "ExecutionsThrottled"}
    queries = {query["Name"].split("/")[-1] for query in subject.resources("AWS::Logs::QueryDefinition").values()}
    assert {name for name in explained | {"ExecutionsThrottled"} if f"`{name}`" not in manual} == set()
    assert {name for name in queries if f"*{name}*" not in manual} == set()
