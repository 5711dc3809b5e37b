"""Monitoring: who is told when a workflow is not well, and where to look."""

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
    aws_sns_subscriptions,
    aws_sqs,
)
from constructs import Construct

from safelight.core.function import Step
from safelight.image_workflow.dashboard import make_dashboard
from safelight.image_workflow.outcomes import METRIC_NAMESPACE, log_outcomes, save_queries
from safelight.image_workflow.workflow import ImageWorkflow

_PERIOD = Duration.minutes(5)

# A throttled call or a slow image mends itself; three periods on end do not.
_LASTING = 3

REJECTING_STEPS = frozenset({"resize", "render", "publish"})
"""Steps that are no checks: they say that an image is at fault by an error, which Lambda counts as one of theirs."""

# What a step logs as it fails, what the runtime logs when the code cannot start or is killed, and Lambda's own report.
_FAULTS = (
    '{ ($.level = "ERROR") || ($.errorType = "Runtime.*") || ($.record.errorType = "Runtime.*") '
    '|| ($.record.status = "timeout") }'
)


class Monitoring(Construct):
    """Alarms, a dashboard, metrics of outcomes and saved log queries for one image workflow.

    Parameters
    ----------
    scope
        The construct that this one is a part of, such as a stack.
    id
        Its name in that scope.
    workflow
        The workflow that is watched.
    email
        An address that the topic writes to, once its owner has confirmed the message that AWS sends. Left out:
        nobody is subscribed; subscribe to ``topic`` by other means.
    topic
        Where alarms go. CloudWatch must be allowed to publish to it, and to use its key when it is encrypted.
        Left out: a topic is made, encrypted by a key of its own and reached by TLS alone.
    max_duration
        Longest that an execution may take at the 99th percentile. Left out: two minutes; an execution that waits for
        nothing takes seconds.
    removal_policy
        What becomes of the log of outcomes and of the topic's key when the stack is deleted. Left out: they are
        retained.

    Attributes
    ----------
    topic : ITopic
        Given, or made.
    alarms : list[Alarm]
        Every alarm; each tells the topic of trouble and of its end.
    dashboard : Dashboard
        The CloudWatch dashboard.
    outcomes : LogGroup
        The log group that has every ``Image Published``, ``Image Rejected``, ``Image Failed`` and ``Image Withdrawn``
        of the workflow, kept for a month.

    Raises
    ------
    ValueError
        When ``max_duration`` is no time at all.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        workflow: ImageWorkflow,
        email: str | None = None,
        topic: aws_sns.ITopic | None = None,
        max_duration: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        super().__init__(scope, id)
        longest = Duration.minutes(2) if max_duration is None else max_duration
        if longest.to_milliseconds() <= 0:
            raise ValueError(
                "max_duration is no time at all: every execution would be too slow. Leave it out for 2 minutes."
            )
        steps = workflow.steps
        self.topic = topic or _make_topic(self, "Topic", removal_policy=removal_policy)
        if email is not None:
            self.topic.add_subscription(aws_sns_subscriptions.EmailSubscription(email))
        self.outcomes = log_outcomes(self, "Outcomes", workflow=workflow, removal_policy=removal_policy)
        save_queries(
            self,
            outcomes=self.outcomes,
            functions=[step.log_group for step in steps.values()],
            executions=_log_group_of(workflow),
        )
        self.alarms = [
            *self._execution_alarms(workflow, max_duration=longest),
            *(alarm for package, step in steps.items() for alarm in self._function_alarms(package, step)),
            *(self._background_alarm(queue) for queue in workflow.background_dead_letters),
        ]
        self.dashboard = make_dashboard(
            self,
            "Dashboard",
            workflow=workflow,
            functions={package: step.function for package, step in steps.items()},
            alarms=self.alarms,
            outcomes=self.outcomes,
            max_duration=longest,
        )

    def _execution_alarms(self, workflow: ImageWorkflow, *, max_duration: Duration) -> list[aws_cloudwatch.Alarm]:
        machine = workflow.state_machine
        again = (
            "Mend the cause, then run the upload again: `safelight retry KEY`, or New execution on the execution's "
            "page. Redrive there does it too, in a Standard workflow of version 5."
        )
        # A new execution would find the upload claimed by the one that ended, in version 5.
        unrecorded = (
            "Its upload may have no outcome in its record. The key is in the execution's input: see the executions of "
            f"{machine.state_machine_name} by status. Mend the cause, then run the upload again: "
            "`safelight retry KEY`, or Redrive on the page of a Standard execution, which goes on where it stopped."
        )
        return [
            self._alarm(
                "ExecutionsFailed",
                metric=machine.metric_failed(period=_PERIOD, statistic="Sum"),
                description=f"Something broke while an image was worked on: its record says FAILED, and why. The saved "
                f"query {self.node.path}/Failures lists keys and errors. {again}",
            ),
            self._alarm(
                "ExecutionsTimedOut",
                metric=machine.metric_timed_out(period=_PERIOD, statistic="Sum"),
                description=f"An execution ran into the state machine's own time limit. {unrecorded}",
            ),
            self._alarm(
                "ExecutionsAborted",
                metric=machine.metric_aborted(period=_PERIOD, statistic="Sum"),
                description=f"Somebody stopped an execution. {unrecorded}",
            ),
            self._alarm(
                "ExecutionsThrottled",
                metric=machine.metric_throttled(period=_PERIOD, statistic="Sum"),
                periods=_LASTING,
                description="For 15 minutes Step Functions has held back state transitions, as the account makes more "
                "than its quota a second. Nothing is lost: uploads are late. If it lasts, ask for a higher "
                "StateTransition quota in Service Quotas, or upload more slowly.",
            ),
            self._alarm(
                "ExecutionsSlow",
                metric=machine.metric_time(period=_PERIOD, statistic="p99"),
                threshold=max_duration.to_milliseconds(),
                comparison=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                periods=_LASTING,
                description="For 15 minutes one execution in a hundred has taken more than "
                f"{max_duration.to_human_string()}. The saved query {self.node.path}/Slowest uploads lists them; the "
                "dashboard says which function is slow, throttled or retried.",
            ),
            self._alarm(
                "DeadLetters",
                metric=workflow.dead_letters.metric_approximate_number_of_messages_visible(
                    period=_PERIOD, statistic="Maximum"
                ),
                description="Uploads started no execution, even after a day of attempts, and have no record. Each "
                f"message in the queue {workflow.dead_letters.queue_name} is the S3 event of one, with bucket and key: "
                "mend the cause (most often a permission or a deleted state machine), start an execution with each "
                "message's body as its input, then delete the message.",
            ),
        ]

    def _function_alarms(self, package: str, step: Step) -> list[aws_cloudwatch.Alarm]:
        name = "".join(word.capitalize() for word in package.split("_"))
        function = step.function
        return [
            self._alarm(
                f"{name}Errors",
                metric=_fault_metric(self, f"{name}Faults", step=step)
                if package in REJECTING_STEPS
                else function.metric_errors(period=_PERIOD, statistic="Sum"),
                description=f"The function {function.function_name} ({package}) raised errors that are no rejections. "
                "The workflow tries again; an image whose attempts are used up is FAILED and raises its own alarm. "
                f"See the lines of level ERROR in the log group {step.log_group.log_group_name}: each names the "
                "upload's key and its execution.",
            ),
            self._alarm(
                f"{name}Throttles",
                metric=function.metric_throttles(period=_PERIOD, statistic="Sum"),
                periods=_LASTING,
                description=f"For 15 minutes Lambda has refused invocations of {function.function_name} ({package}): "
                "the account's or the function's concurrency is used up. The workflow tries again for minutes, then "
                "the image is FAILED. Ask for more concurrent executions in Service Quotas, or upload more slowly.",
            ),
        ]

    def _background_alarm(self, dead_letters: aws_sqs.Queue) -> aws_cloudwatch.Alarm:
        return self._alarm(
            dead_letters.node.id,
            metric=dead_letters.metric_approximate_number_of_messages_visible(period=_PERIOD, statistic="Maximum"),
            description="A function in the background could not handle a message, even after hours of attempts: "
            "renditions that should be gone may be there, or a record may be PROCESSING. Each message in the queue "
            f"{dead_letters.queue_name} names an execution or an upload. See the lines of level ERROR in the "
            "function's log group, fix the cause, then start a redrive of the queue to its source.",
        )

    def _alarm(
        self,
        id: str,
        *,
        metric: aws_cloudwatch.Metric,
        description: str,
        threshold: float = 1,
        comparison: aws_cloudwatch.ComparisonOperator = (
            aws_cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        ),
        periods: int = 1,
    ) -> aws_cloudwatch.Alarm:
        alarm = metric.create_alarm(
            self,
            id,
            alarm_description=description,
            threshold=threshold,
            comparison_operator=comparison,
            evaluation_periods=periods,
            # No executions are no trouble.
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        action = aws_cloudwatch_actions.SnsAction(self.topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
        return alarm


def _log_group_of(workflow: ImageWorkflow) -> aws_logs.LogGroup:
    log_group = workflow.node.find_child("StateMachineLogs")
    assert isinstance(log_group, aws_logs.LogGroup)  # noqa: S101
    return log_group


def _fault_metric(scope: Construct, id: str, *, step: Step) -> aws_cloudwatch.Metric:
    """Count what goes wrong in a function, without the rejections that Lambda's own ``Errors`` counts as well."""
    return aws_logs.MetricFilter(
        scope,
        id,
        log_group=step.log_group,
        filter_pattern=aws_logs.FilterPattern.literal(_FAULTS),
        # A dimension would have to stand in the log line, and Lambda's own lines do not name the function.
        metric_namespace=f"{METRIC_NAMESPACE}/Faults",
        metric_name=step.function.function_name,
    ).metric(period=_PERIOD, statistic="Sum")


def _make_topic(scope: Construct, id: str, *, removal_policy: RemovalPolicy) -> aws_sns.Topic:
    """Make a topic that this account's alarms, and they alone of AWS's services, may publish to."""
    # Alarms cannot use AWS's own key for SNS, whose policy nobody can change: the message would be lost unseen.
    key = aws_kms.Key(
        scope,
        f"{id}Key",
        description="Encrypts what the image workflow's alarms say",
        enable_key_rotation=True,
        removal_policy=removal_policy,
    )
    topic = aws_sns.Topic(scope, id, display_name="Image workflow", master_key=key, enforce_ssl=True)
    stack = Stack.of(scope)
    alarms = stack.format_arn(
        service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    conditions = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}}
    cloudwatch = aws_iam.ServicePrincipal("cloudwatch.amazonaws.com")
    # A topic with a policy of its own has none of SNS's default one, which lets the account's alarms in.
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
