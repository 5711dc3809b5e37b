"""Monitoring: who is told when a workflow is not well, and where to look."""

from aws_cdk import Duration, RemovalPolicy, aws_sns, aws_sns_subscriptions
from constructs import Construct

from safelight.core.alarms import make_alarms, make_topic
from safelight.image_workflow.alarms import background_alarms, execution_alarms, function_alarms
from safelight.image_workflow.dashboard import make_dashboard
from safelight.image_workflow.outcomes import log_outcomes, save_queries
from safelight.image_workflow.versions import SYSTEM
from safelight.image_workflow.workflow import ImageWorkflow


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
        self.topic = topic or make_topic(self, "Topic", system=SYSTEM, removal_policy=removal_policy)
        if email is not None:
            self.topic.add_subscription(aws_sns_subscriptions.EmailSubscription(email))
        self.outcomes = log_outcomes(self, "Outcomes", workflow=workflow, removal_policy=removal_policy)
        save_queries(
            self,
            outcomes=self.outcomes,
            functions=[step.log_group for step in steps.values()],
            executions=workflow.log_group,
        )
        self.alarms = make_alarms(
            self,
            definitions=[
                *execution_alarms(self, workflow=workflow, max_duration=longest),
                *(
                    alarm
                    for package, step in steps.items()
                    for alarm in function_alarms(self, package=package, step=step)
                ),
                *background_alarms(workflow),
            ],
            topic=self.topic,
        )
        self.dashboard = make_dashboard(
            self,
            "Dashboard",
            workflow=workflow,
            functions={package: step.function for package, step in steps.items()},
            alarms=self.alarms,
            outcomes=self.outcomes,
            max_duration=longest,
        )
