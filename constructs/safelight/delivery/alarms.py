"""The alarms of a delivery, and its graphs."""

from aws_cdk import Duration, aws_cloudfront, aws_cloudwatch, aws_lambda, aws_sns, aws_sqs
from constructs import Construct

from safelight.core.alarms import (
    PERIOD,
    SUSTAINED_PERIODS,
    AlarmDefinition,
    log_metric,
    make_alarms,
    messages_in,
)
from safelight.core.dashboard import graph, graph_by_function, messages_by_queue
from safelight.core.function import Step
from safelight_contracts.delivery.settings import UNREAD_RESULTS

# CloudFront's metrics are in this region, for a distribution of any stack.
_CLOUDFRONT_REGION = "us-east-1"
_UNREAD_NAMESPACE = "Safelight/UnreadResults"
_SLOW = Duration.seconds(10)
# SQS leaves a message out of this metric when it was received three times ("Available CloudWatch metrics for Amazon
# SQS"). One that waits for CloudFront is received the third time after 7 minutes.
_LATE = Duration.minutes(5)


def failed_requests(function: aws_lambda.Function) -> aws_cloudwatch.Metric:
    """Return the metric of the requests to a function's URL that were answered with 5xx."""
    return _url_metric(function, "Url5xxCount", statistic="Sum")


def make_delivery_alarms(
    scope: Construct,
    *,
    topic: aws_sns.ITopic | None,
    failed: aws_cloudwatch.Metric,
    make: Step,
    forget: Step,
    queue: aws_sqs.Queue,
    dead_letters: aws_sqs.Queue,
    distribution: aws_cloudfront.Distribution | None = None,
) -> list[aws_cloudwatch.Alarm]:
    """Make the alarms. CloudFront's own metrics cannot have some in every region, but a failing function can.

    Parameters
    ----------
    topic
        Is notified. Without one, there are no alarms.
    failed
        The requests that were answered with 5xx.
    queue, dead_letters
        The queue of the function that forgets, and the messages that it could not handle.
    distribution
        Reads the stored results. Default: nobody but the function does.
    """
    if topic is None:
        return []
    parent = Construct(scope, "Alarms")
    definitions = _definitions(failed=failed, make=make, forget=forget, queue=queue, dead_letters=dead_letters)
    if distribution is not None:
        definitions += [_unread_results(parent, make=make), _not_invoked(make)]
    return make_alarms(parent, definitions=definitions, topic=topic)


def _unread_results(scope: Construct, *, make: Step) -> AlarmDefinition:
    pattern = f'{{ $.warning = "{UNREAD_RESULTS}" }}'
    return AlarmDefinition(
        id="ResultsUnread",
        metric=log_metric(scope, "UnreadResults", namespace=_UNREAD_NAMESPACE, step=make, pattern=pattern),
        # CloudFront also asks the function when S3 has failed for a moment.
        periods=SUSTAINED_PERIODS,
        description=f"For 15 minutes, CloudFront has asked {make.function.function_name} for results that are stored, "
        "so each request costs an invocation. Viewers get their images. CloudFront may not read the results bucket: "
        "see whether the policy of the bucket and the policy of its key still let the distribution read them.",
    )


def _not_invoked(make: Step) -> AlarmDefinition:
    maker = make.function
    return AlarmDefinition(
        id="MakeNotInvoked",
        # The function's own refusals are invocations, however many a hostile client causes.
        metric=aws_cloudwatch.MathExpression(
            expression="FILL(refused, 0) - FILL(invoked, 0)",
            using_metrics={
                "refused": _url_metric(maker, "Url4xxCount", statistic="Sum"),
                "invoked": maker.metric_invocations(period=PERIOD, statistic="Sum"),
            },
            period=PERIOD,
            label="Refused by Lambda itself",
        ),
        periods=SUSTAINED_PERIODS,
        description=f"For 15 minutes, Lambda has refused requests for {maker.function_name} before it ran, so viewers "
        "get 403 for images that are not stored. The distribution may not invoke it: see whether the function's policy "
        "has lambda:InvokeFunctionUrl and lambda:InvokeFunction for the distribution, and deploy the stack again.",
    )


def _definitions(
    *, failed: aws_cloudwatch.Metric, make: Step, forget: Step, queue: aws_sqs.Queue, dead_letters: aws_sqs.Queue
) -> list[AlarmDefinition]:
    maker = make.function
    return [
        AlarmDefinition(
            id="MakeErrors",
            metric=failed,
            description=f"The function {maker.function_name} answered requests with 5xx, so viewers got no image. See "
            f"the lines of level ERROR in the log group {make.log_group.log_group_name}. 502 is a failure of S3 or "
            "another service that it calls, or a missing permission; 503 is too many requests at once; 504 took too "
            "long.",
        ),
        AlarmDefinition(
            id="MakeThrottles",
            metric=maker.metric_throttles(period=PERIOD, statistic="Sum"),
            periods=SUSTAINED_PERIODS,
            description=f"Lambda has throttled {maker.function_name} for 15 minutes, because the concurrency of the "
            "account or reserved_concurrency is used up. Viewers get 429 or 503 for images that are not stored. "
            "Request more concurrent executions in Service Quotas, or raise reserved_concurrency.",
        ),
        AlarmDefinition(
            id="MakeSlow",
            metric=maker.metric_duration(period=PERIOD, statistic="p99"),
            threshold=_SLOW.to_milliseconds(),
            comparison=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            periods=SUSTAINED_PERIODS,
            description=f"For 15 minutes, one image in a hundred has taken {maker.function_name} more than "
            f"{_SLOW.to_human_string()}. Sources may be larger than a page needs: deliver from smaller ones, or lower "
            "limits=.",
        ),
        AlarmDefinition(
            id="ForgetLate",
            # A message that fails makes no error of the function: it is tried again.
            metric=queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            threshold=_LATE.to_seconds(),
            description=f"A message in the queue {queue.queue_name} has waited for {_LATE.to_human_string()}, so old "
            "pixels of a source that was replaced or deleted are still delivered. It is tried again. See the lines of "
            f"level ERROR in the log group {forget.log_group.log_group_name}.",
        ),
        AlarmDefinition(
            id="ForgetDeadLetters",
            metric=messages_in(dead_letters),
            description="Results of a source that was replaced or deleted could not be deleted, even after hours of "
            f"attempts, so old pixels may still be delivered. Each message in the queue {dead_letters.queue_name} is "
            "the S3 event of one source. Fix the cause, then start a redrive of the queue to its source.",
        ),
    ]


def delivery_graphs(
    *,
    distribution: aws_cloudfront.Distribution | None,
    make: Step,
    forget: Step,
    dead_letters: aws_sqs.Queue,
) -> list[aws_cloudwatch.IWidget]:
    """Return graphs of requests, misses, time and failures, three to a row."""
    functions: dict[str, aws_lambda.IFunction] = {"make": make.function, "forget": forget.function}
    misses = _url_metric(make.function, "UrlRequestCount", statistic="Sum", label="Made")
    requests = [misses] if distribution is None else [_requests(distribution), misses]
    return [
        graph("Requests", metrics=requests),
        graph(
            "Time of a miss",
            metrics=[
                _url_metric(make.function, "UrlRequestLatency", statistic=statistic, label=statistic)
                for statistic in ("p50", "p99")
            ],
        ),
        graph(
            "Failed requests",
            metrics=[
                _url_metric(make.function, name, statistic="Sum", label=label)
                for name, label in (("Url4xxCount", "4xx"), ("Url5xxCount", "5xx"))
            ],
        ),
        graph_by_function("Throttled", functions, metric=_throttles),
        graph_by_function("Running at once", functions, metric=_running),
        graph("Dead letters", metrics=messages_by_queue([dead_letters])),
    ]


def _requests(distribution: aws_cloudfront.Distribution) -> aws_cloudwatch.IMetric:
    # The CDK's own metric has no Region, without which there is no such metric.
    return aws_cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name="Requests",
        dimensions_map={"DistributionId": distribution.distribution_id, "Region": "Global"},
        region=_CLOUDFRONT_REGION,
        statistic="Sum",
        label="Requested",
    )


def _url_metric(
    function: aws_lambda.Function, name: str, *, statistic: str, label: str | None = None
) -> aws_cloudwatch.Metric:
    """Return a metric of a function's URL ("Monitoring Lambda function URLs" in Lambda's developer guide)."""
    return function.metric(name, period=PERIOD, statistic=statistic, label=label)


def _throttles(function: aws_lambda.IFunction, name: str) -> aws_cloudwatch.IMetric:
    return function.metric_throttles(label=name, statistic="Sum")


def _running(function: aws_lambda.IFunction, name: str) -> aws_cloudwatch.IMetric:
    return function.metric("ConcurrentExecutions", label=name, statistic="Maximum")
