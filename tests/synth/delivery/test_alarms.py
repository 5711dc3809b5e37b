"""The alarms and the graphs of a delivery."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack, aws_cloudwatch, aws_sns
from tests.synth.image_workflow.monitored import plain

OPERATIONS = Path(__file__).parents[3] / "docs/operations.md"


def topic(stack: Stack) -> aws_sns.ITopic:
    return aws_sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:ops")


def test_without_a_topic_there_are_no_alarms(build: Any) -> None:
    assert build().delivery.alarms == []
    assert build().resources("AWS::CloudWatch::Alarm") == {}


def test_every_alarm_notifies_the_topic_and_says_what_to_do(build_own: Any) -> None:
    built = build_own(alarm_topic=topic)
    alarms = built.resources("AWS::CloudWatch::Alarm").values()
    assert len(alarms) == len(built.delivery.alarms) == 7
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["arn:aws:sns:eu-west-1:111122223333:ops"]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(plain(alarm["AlarmDescription"])) < 900
        assert re.search("Fix|[Ss]ee|Request|lower", plain(alarm["AlarmDescription"]))


def test_the_guide_of_operators_lists_every_alarm(build_own: Any) -> None:
    _, _, section = OPERATIONS.read_text(encoding="utf-8").partition("\n## Image delivery\n")
    listed = re.findall(r"^\| `(\w+)` \|", section.partition("\n## ")[0], flags=re.MULTILINE)
    assert listed == [alarm.node.id for alarm in build_own(alarm_topic=topic).delivery.alarms]


def test_failures_that_viewers_see_are_watched(build_own: Any) -> None:
    alarms = build_own(alarm_topic=topic).resources("AWS::CloudWatch::Alarm").values()
    watched = {alarm["MetricName"] for alarm in alarms if isinstance(alarm.get("MetricName"), str)}
    assert watched == {
        "Url5xxCount",
        "Throttles",
        "Duration",
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    }


def test_a_change_that_is_not_forgotten_after_five_minutes_is_an_alarm(build_own: Any) -> None:
    # A batch that fails in part is no error of the function.
    alarm = build_own(alarm_topic=topic).resource("AWS::CloudWatch::Alarm", "AlarmsForgetLate")
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert json.dumps(alarm["Dimensions"]).count("CdnForgetQueue") == 1
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Maximum", 300, 1)


def test_requests_that_lambda_refuses_before_the_function_runs_are_an_alarm(build_own: Any) -> None:
    built = build_own(alarm_topic=topic)
    alarm = built.resource("AWS::CloudWatch::Alarm", "AlarmsMakeNotInvoked")
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    metrics = {id: query["MetricStat"]["Metric"] for id, query in queries.items() if "MetricStat" in query}
    assert {id: metric["MetricName"] for id, metric in metrics.items()} == {
        "refused": "Url4xxCount",
        "invoked": "Invocations",
    }
    assert all("CdnMake" in json.dumps(metric["Dimensions"]) for metric in metrics.values())
    (computed,) = (query["Expression"] for query in queries.values() if "Expression" in query)
    assert computed == "FILL(refused, 0) - FILL(invoked, 0)"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 3)


def test_results_that_cloudfront_cannot_read_are_an_alarm(build_own: Any) -> None:
    built = build_own(alarm_topic=topic)
    made = built.resource("AWS::Logs::MetricFilter")
    assert made["FilterPattern"] == '{ $.warning = "UNREAD_RESULTS" }'
    assert "CdnMakeLogs" in json.dumps(made["LogGroupName"])
    (counted,) = made["MetricTransformations"]
    alarm = built.resource("AWS::CloudWatch::Alarm", "AlarmsResultsUnread")
    assert (alarm["Namespace"], alarm["MetricName"]) == (counted["MetricNamespace"], counted["MetricName"])
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Sum", 1, 3)


@pytest.mark.parametrize("arguments", [{}, {"edge": False, "alarm_topic": topic}], ids=["no topic", "no CloudFront"])
def test_without_a_topic_or_cloudfront_nothing_counts_results_that_are_not_read(
    build_own: Any, arguments: dict[str, Any]
) -> None:
    assert build_own(**arguments).resources("AWS::Logs::MetricFilter") == {}


def test_graphs_show_requests_of_cloudfront_where_its_metrics_are(build_own: Any) -> None:
    built = build_own()
    aws_cloudwatch.Dashboard(built.stack, "Dashboard", widgets=[built.delivery.graphs()])
    (dashboard,) = built.resources("AWS::CloudWatch::Dashboard").values()
    body = plain(dashboard["DashboardBody"])
    assert '"AWS/CloudFront","Requests","DistributionId"' in body
    assert '"Region","Global",{"label":"Requested","region":"us-east-1"' in body
    assert "UrlRequestLatency" in body
