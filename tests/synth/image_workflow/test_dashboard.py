"""The dashboard of a monitored workflow."""

import json
import re
from typing import Any

import pytest
from tests.synth.image_workflow.monitored import Monitored, plain

from safelight import WorkflowVersion


def dashboard_of(subject: Monitored) -> Any:
    (dashboard,) = subject.resources("AWS::CloudWatch::Dashboard").values()
    return json.loads(plain(dashboard["DashboardBody"]))


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
