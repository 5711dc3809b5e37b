"""The alarms of a monitored workflow."""

import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration
from tests.synth.image_workflow.monitored import Monitored, plain

from safelight import Check, OnDelete, Route, WorkflowVersion
from safelight.image_workflow.steps import STEP_DEFINITIONS

REJECT_BY_RAISING = {step.package for step in STEP_DEFINITIONS.values() if step.rejects_by_raising}
LAMBDAS = Path(__file__).parents[3] / "lambdas"

EXECUTIONS = {
    "ExecutionsFailed",
    "ExecutionsTimedOut",
    "ExecutionsAborted",
    "ExecutionThrottled",
    "ExecutionTime",
}


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_alarm_notifies_the_topic_when_it_starts_and_ends(monitored: Any, version: WorkflowVersion) -> None:
    subject = monitored(version=version)
    (topic,) = subject.resources("AWS::SNS::Topic")
    alarms = subject.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == len(subject.monitoring.alarms)
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        assert alarm.get("ActionsEnabled", True)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_missing_data_does_not_alarm(monitored: Any, version: WorkflowVersion) -> None:
    alarms = monitored(version=version).resources("AWS::CloudWatch::Alarm").values()
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"notBreaching"}


def test_every_alarm_says_what_to_do_within_cloudwatchs_limit(monitored: Any) -> None:
    for alarm in monitored().resources("AWS::CloudWatch::Alarm").values():
        description = plain(alarm["AlarmDescription"])
        assert len(description) < 900
        assert re.search("[Ff]ix|[Rr]equest|See|saved query", description)


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
def test_one_lost_image_alarms(monitored: Any, id: str) -> None:
    alarm = monitored().alarm(id)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 300)


@pytest.mark.parametrize("id", ["ExecutionsThrottled", "ExecutionsSlow", "ResizeThrottles"])
def test_transient_problems_alarm_after_15_minutes(monitored: Any, id: str) -> None:
    alarm = monitored().alarm(id)
    assert alarm["EvaluationPeriods"] * alarm["Period"] == 15 * 60


def test_undelivered_events_alarm(monitored: Any) -> None:
    subject = monitored()
    alarm = subject.alarm("DeadLetters")
    queue = {"Fn::GetAtt": [subject.name(subject.workflow.dead_letters), "QueueName"]}
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Statistic"] == "Maximum"
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue}]


def test_unprocessed_background_messages_alarm(build_own: Any) -> None:
    subject = Monitored(build_own(on_delete=OnDelete.WITHDRAW))
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
def test_max_duration_applies_to_99_of_100_executions(monitored: Any, given: dict[str, Any], milliseconds: int) -> None:
    alarm = monitored(**given).alarm("ExecutionsSlow")
    assert alarm["ExtendedStatistic"] == "p99"
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Threshold"] == milliseconds


def test_a_zero_duration_is_rejected(build_own: Any) -> None:
    with pytest.raises(ValueError, match="max_duration"):
        Monitored(build_own(), max_duration=Duration.seconds(0))


@pytest.mark.parametrize(
    ("version", "names"),
    [
        (WorkflowVersion.V1, {"Resize", "Publish", "Sweep"}),
        (WorkflowVersion.V4, {"CheckDimensions", "Moderate", "DetectLabels", "Resize", "Publish", "Sweep"}),
        (WorkflowVersion.V5, {"Prepare", "Moderation", "NoPeople", "Render", "Publish", "RemoveRejected", "Sweep"}),
    ],
)
def test_each_function_of_the_version_is_watched(monitored: Any, version: WorkflowVersion, names: set[str]) -> None:
    alarms = monitored(version=version).resources("AWS::CloudWatch::Alarm")
    found = {match[1] for match in (re.match(r"Ops(\w+)(?:Errors|Throttles)", id) for id in alarms) if match}
    assert found == names


def test_the_function_of_every_check_that_a_route_has_is_watched(build_own: Any) -> None:
    words, labels = Check.words(required=["NEW YORK"]), Check.labels(required=["Person"])
    subject = Monitored(build_own(routes={"id-card": Route(checks=[words, labels])}))
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


@pytest.mark.parametrize("package", sorted(REJECT_BY_RAISING))
def test_a_rejection_does_not_count_as_a_fault_of_its_step(monitored: Any, package: str) -> None:
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


def test_exactly_the_steps_that_are_not_checks_reject_by_raising() -> None:
    raising = {
        definition.package
        for definition in STEP_DEFINITIONS.values()
        if "Raises RejectedImage" in (LAMBDAS / "image_workflow" / definition.package / "handler.py").read_text()
    }
    assert raising == REJECT_BY_RAISING


@pytest.mark.parametrize("id", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
def test_an_alarm_on_failed_executions_says_how_to_run_the_upload_again(monitored: Any, id: str) -> None:
    description = plain(monitored().alarm(id)["AlarmDescription"])
    assert "choose Redrive (version 5) or New execution" in description


def test_no_alarm_recommends_a_laptop_only_command(monitored: Any) -> None:
    for alarm in monitored().resources("AWS::CloudWatch::Alarm").values():
        assert "`safelight " not in plain(alarm["AlarmDescription"])


@pytest.mark.parametrize("id", ["ExecutionsTimedOut", "ExecutionsAborted"])
def test_an_alarm_says_to_wait_while_the_upload_is_claimed(monitored: Any, id: str) -> None:
    assert "Wait a few minutes, until the record says FAILED" in plain(monitored().alarm(id)["AlarmDescription"])


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
