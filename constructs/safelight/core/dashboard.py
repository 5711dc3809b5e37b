"""Parts of CloudWatch dashboards: graphs, and the metrics that every system shows."""

from collections.abc import Callable, Mapping, Sequence

from aws_cdk import aws_cloudwatch, aws_lambda, aws_sqs, aws_stepfunctions

HEIGHT = 6
"""Height of a row of widgets."""

_COLUMNS = 24


def execution_counts(machine: aws_stepfunctions.IStateMachine) -> list[aws_cloudwatch.IMetric]:
    """Return how many executions of a state machine started, and how they ended."""
    return [
        machine.metric_started(label="Started"),
        machine.metric_succeeded(label="Succeeded"),
        machine.metric_failed(label="Failed"),
        machine.metric_timed_out(label="Timed out"),
        machine.metric_aborted(label="Aborted"),
        machine.metric_throttled(label="Throttled"),
    ]


def messages_by_queue(queues: Sequence[aws_sqs.IQueue]) -> list[aws_cloudwatch.IMetric]:
    """Return how many messages wait in each queue, under the id of its construct."""
    return [
        queue.metric_approximate_number_of_messages_visible(statistic="Maximum", label=queue.node.id)
        for queue in queues
    ]


def graph_by_function(
    title: str,
    functions: Mapping[str, aws_lambda.IFunction],
    *,
    metric: Callable[[aws_lambda.IFunction, str], aws_cloudwatch.IMetric],
) -> aws_cloudwatch.GraphWidget:
    """Return a graph with one metric of each function.

    Parameters
    ----------
    functions
        By the name of their step.
    metric
        Makes the metric of a function and the name of its step.
    """
    return graph(title, metrics=[metric(function, name) for name, function in functions.items()])


def graph(
    title: str,
    *,
    metrics: Sequence[aws_cloudwatch.IMetric],
    lines: Sequence[aws_cloudwatch.HorizontalAnnotation] = (),
    columns: int = 3,
) -> aws_cloudwatch.GraphWidget:
    """Return a graph that takes one of some columns of a row.

    Parameters
    ----------
    lines
        Drawn across the graph. Default: none.
    columns
        Graphs in the row. Default: 3.
    """
    return aws_cloudwatch.GraphWidget(
        title=title,
        left=list(metrics),
        left_annotations=list(lines),
        left_y_axis=aws_cloudwatch.YAxisProps(min=0),
        width=_COLUMNS // columns,
        height=HEIGHT,
    )
