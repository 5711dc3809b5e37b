"""CloudWatch alarms: their definitions, metrics that they share, and the topic that they notify."""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import (
    ArnFormat,
    Duration,
    RemovalPolicy,
    Stack,
    aws_cloudwatch,
    aws_cloudwatch_actions,
    aws_iam,
    aws_kms,
    aws_logs,
    aws_sns,
    aws_sqs,
)
from constructs import Construct

from safelight.core.function import Step
from safelight.core.layers import system_title, system_words
from safelight.core.service_principals import only_for

PERIOD = Duration.minutes(5)
"""The period of every alarm's metric."""

SUSTAINED_PERIODS = 3
"""Periods after which throttled calls or slow executions have not resolved themselves."""

# Log lines of a step that fails, of the runtime when the code cannot start or is killed, and Lambda's own report.
_FAULTS = (
    '{ ($.level = "ERROR") || ($.errorType = "Runtime.*") || ($.record.errorType = "Runtime.*") '
    '|| ($.record.status = "timeout") }'
)


@dataclass(frozen=True, kw_only=True)
class AlarmDefinition:
    """One alarm.

    Parameters
    ----------
    id
        Of its construct.
    metric
        Its metric. Missing data is not breaching.
    description
        What happened, what it means for the system, and what to do.
    threshold
        Default: 1.
    comparison
        Default: greater than or equal to the threshold.
    periods
        Periods in a row that breach the threshold. Default: 1.
    """

    id: str
    metric: aws_cloudwatch.Metric | aws_cloudwatch.MathExpression
    description: str
    threshold: float = 1
    comparison: aws_cloudwatch.ComparisonOperator = aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
    periods: int = 1


def make_alarms(
    scope: Construct, *, definitions: Iterable[AlarmDefinition], topic: aws_sns.ITopic
) -> list[aws_cloudwatch.Alarm]:
    """Make alarms that notify a topic when they go off and when they end."""
    action = aws_cloudwatch_actions.SnsAction(topic)
    alarms = []
    for definition in definitions:
        alarm = definition.metric.create_alarm(
            scope,
            definition.id,
            alarm_description=definition.description,
            threshold=definition.threshold,
            comparison_operator=definition.comparison,
            evaluation_periods=definition.periods,
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        alarms.append(alarm)
    return alarms


def messages_in(queue: aws_sqs.IQueue) -> aws_cloudwatch.Metric:
    """Return the metric of the messages that wait in a queue."""
    return queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum")


def fault_metric(scope: Construct, id: str, *, namespace: str, step: Step) -> aws_cloudwatch.Metric:
    """Count the faults that a function logs. Lambda's own ``Errors`` counts rejections as well.

    Parameters
    ----------
    namespace
        Of the metric, whose name is the function's.
    """
    return log_metric(scope, id, namespace=namespace, step=step, pattern=_FAULTS)


def log_metric(scope: Construct, id: str, *, namespace: str, step: Step, pattern: str) -> aws_cloudwatch.Metric:
    """Count the lines of a function's log that match a filter pattern.

    Parameters
    ----------
    namespace
        Of the metric, whose name is the function's.
    """
    return aws_logs.MetricFilter(
        scope,
        id,
        log_group=step.log_group,
        filter_pattern=aws_logs.FilterPattern.literal(pattern),
        # A dimension must be in the log line, and Lambda's own lines do not name the function.
        metric_namespace=namespace,
        metric_name=step.function.function_name,
    ).metric(period=PERIOD, statistic="Sum")


def make_topic(
    scope: Construct, id: str, *, system: str, encryption_key: aws_kms.IKey | None, removal_policy: RemovalPolicy
) -> aws_sns.Topic:
    """Make an encrypted topic. Of AWS's services, only this account's alarms may publish to it.

    Parameters
    ----------
    encryption_key
        ``None`` makes a new key.
    """
    # Alarms cannot use AWS's own key for SNS, whose policy cannot be changed: messages would be lost without an error.
    key = encryption_key or aws_kms.Key(
        scope,
        f"{id}Key",
        description=f"Encrypts the alarm notifications of the {system_words(system)}",
        enable_key_rotation=True,
        removal_policy=removal_policy,
    )
    topic = aws_sns.Topic(scope, id, display_name=system_title(system), master_key=key, enforce_ssl=True)
    stack = Stack.of(scope)
    alarms = stack.format_arn(
        service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    conditions = only_for(scope, source_arn=alarms)
    cloudwatch = aws_iam.ServicePrincipal("cloudwatch.amazonaws.com")
    # A topic with its own policy does not have SNS's default policy, which allows the account's alarms.
    topic.add_to_resource_policy(
        aws_iam.PolicyStatement(
            principals=[cloudwatch], actions=["sns:Publish"], resources=[topic.topic_arn], conditions=conditions
        )
    )
    key.add_to_resource_policy(
        aws_iam.PolicyStatement(
            principals=[cloudwatch],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions=conditions,
        )
    )
    return topic
