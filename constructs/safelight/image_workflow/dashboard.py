"""The dashboard of a workflow: executions, outcomes, durations, functions, dead letters."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack, aws_cloudwatch, aws_lambda, aws_logs
from constructs import Construct

from safelight.core.dashboard import HEIGHT, execution_counts, graph, graph_by_function, messages_by_queue
from safelight.image_workflow.outcomes import METRIC_NAMESPACE
from safelight.image_workflow.workflow import ImageWorkflow
from safelight_contracts.events import OUTCOMES
from safelight_contracts.records import Status


def make_dashboard(
    scope: Construct,
    id: str,
    *,
    workflow: ImageWorkflow,
    functions: Mapping[str, aws_lambda.IFunction],
    alarms: Sequence[aws_cloudwatch.IAlarm],
    outcomes: aws_logs.ILogGroup,
    max_duration: Duration,
) -> aws_cloudwatch.Dashboard:
    """Make the dashboard.

    Parameters
    ----------
    workflow
        The workflow to show.
    functions
        The workflow's functions by the name of their step.
    alarms
        Alarms to show with their state.
    outcomes
        The log of the workflow's outcomes.
    max_duration
        A line in the graph of durations.
    """
    return aws_cloudwatch.Dashboard(
        scope,
        id,
        default_interval=Duration.days(1),
        widgets=[
            [
                _links(scope, workflow=workflow),
                aws_cloudwatch.AlarmStatusWidget(title="Alarms", alarms=list(alarms), width=16, height=HEIGHT),
            ],
            [
                graph("Executions", metrics=execution_counts(workflow.state_machine), columns=4),
                graph("Outcomes", metrics=_outcomes(workflow), columns=4),
                graph("Outcomes by route", metrics=[_search(workflow, "Routes", by=("Route", "Status"))], columns=4),
                graph("Rejections by reason", metrics=[_search(workflow, "Rejections", by=("Reason",))], columns=4),
            ],
            [
                graph(
                    "Duration of executions",
                    metrics=[
                        workflow.state_machine.metric_time(statistic=statistic, label=statistic)
                        for statistic in ("p50", "p99")
                    ],
                    lines=[
                        aws_cloudwatch.HorizontalAnnotation(
                            value=max_duration.to_milliseconds(), label="Maximum at p99"
                        )
                    ],
                ),
                graph(
                    "Dead letters",
                    metrics=messages_by_queue([workflow.dead_letters, *workflow.background_dead_letters]),
                ),
                aws_cloudwatch.LogQueryWidget(
                    title="Latest failures",
                    log_group_names=[outcomes.log_group_name],
                    query_lines=[
                        "fields @timestamp, detail.key, detail.detail.name",
                        f'filter detail.status = "{Status.FAILED}"',
                        "sort @timestamp desc",
                        "limit 10",
                    ],
                    width=8,
                    height=HEIGHT,
                ),
            ],
            [
                graph_by_function(
                    "Function errors, including rejections",
                    functions,
                    metric=lambda function, name: function.metric_errors(statistic="Sum", label=name),
                ),
                graph_by_function(
                    "Function duration, p99",
                    functions,
                    metric=lambda function, name: function.metric_duration(statistic="p99", label=name),
                ),
                graph_by_function(
                    "Function concurrency",
                    functions,
                    metric=lambda function, name: function.metric(
                        "ConcurrentExecutions", statistic="Maximum", label=name
                    ),
                ),
            ],
        ],
    )


def _links(scope: Construct, *, workflow: ImageWorkflow) -> aws_cloudwatch.TextWidget:
    region = Stack.of(scope).region
    console = f"https://{region}.console.aws.amazon.com"
    machine, table = workflow.state_machine.state_machine_arn, workflow.records.table_name
    return aws_cloudwatch.TextWidget(
        markdown="\n".join(
            (
                f"## {workflow.node.path}",
                f"- [Executions]({console}/states/home?region={region}#/statemachines/view/{machine})",
                f"- [Records]({console}/dynamodbv2/home?region={region}#item-explorer?table={table})",
                f"- [Queues]({console}/sqs/v3/home?region={region}#/queues): the dead-letter queue is "
                f"`{workflow.dead_letters.queue_name}`",
                f"- [Logs Insights]({console}/cloudwatch/home?region={region}#logsV2:logs-insights): the saved queries "
                f"are under `{scope.node.path}`",
            )
        ),
        width=8,
        height=HEIGHT,
    )


def _outcomes(workflow: ImageWorkflow) -> list[aws_cloudwatch.IMetric]:
    return [
        aws_cloudwatch.Metric(
            namespace=METRIC_NAMESPACE,
            metric_name="Outcomes",
            dimensions_map={"Workflow": workflow.workflow_id, "Status": status.value},
            statistic="Sum",
            label=status.value,
        )
        for status in OUTCOMES
    ]


def _search(workflow: ImageWorkflow, metric_name: str, *, by: Sequence[str]) -> aws_cloudwatch.IMetric:
    # A search, because users define routes, and their definitions can have other reasons.
    schema = ",".join((METRIC_NAMESPACE, *sorted((*by, "Workflow"))))
    return aws_cloudwatch.MathExpression(
        expression=f"SEARCH('{{{schema}}} MetricName=\"{metric_name}\" Workflow=\"{workflow.workflow_id}\"', 'Sum')",
        using_metrics={},
        label=" ".join(f"${{PROP('Dim.{dimension}')}}" for dimension in by),
    )
