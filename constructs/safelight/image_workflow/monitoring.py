"""Monitoring: the alarms, dashboard, logs and queries of a workflow."""

import re

from aws_cdk import Duration, RemovalPolicy, Token, aws_sns, aws_sns_subscriptions
from constructs import Construct

from safelight.core.alarms import make_alarms, make_topic
from safelight.core.scopes import ConstructInStack
from safelight.image_workflow.alarms import background_alarms, execution_alarms, function_alarms
from safelight.image_workflow.dashboard import make_dashboard
from safelight.image_workflow.environments import validate_user
from safelight.image_workflow.outcomes import log_outcomes, save_queries
from safelight.image_workflow.versions import SYSTEM
from safelight.image_workflow.workflow import ImageWorkflow
from safelight_contracts.arguments import validated


class Monitoring(ConstructInStack):
    """Alarms, a dashboard, metrics of outcomes and saved log queries for one image workflow.

    Parameters
    ----------
    scope
        The parent construct, such as a stack.
    id
        The id of this construct in the scope.
    workflow
        The workflow to monitor. It should be in the same stack: a warning at synth says what another stack prevents.
    email
        An address to subscribe to the topic. AWS asks its owner to confirm. Default: no subscription; subscribe to
        ``topic`` yourself.
    topic
        The topic of the alarms. CloudWatch must be allowed to publish to it, and to use its key if it is encrypted.
        Default: a new topic over TLS only, with the workflow's ``encryption_key``, else with a key of its own.
    max_duration
        The longest duration of an execution at the 99th percentile. Default: two minutes. Most executions take
        seconds.
    removal_policy
        What happens to the log of outcomes and the topic's key when the stack is deleted. Default: they are retained,
        unless the deployment that makes them fails.

    Attributes
    ----------
    topic : ITopic
        The topic of the alarms.
    alarms : list[Alarm]
        Every alarm. Each notifies the topic when it goes off and when it ends.
    dashboard : Dashboard
        The CloudWatch dashboard.
    outcomes : LogGroup
        The log group of every ``Image Published``, ``Image Rejected``, ``Image Failed`` and ``Image Withdrawn`` of the
        workflow. It keeps them for a month.

    Raises
    ------
    ValueError
        If ``max_duration`` is zero, ``email`` is not an address, the scope is not in a stack, or the workflow or its
        bus is in another account or region.
    """

    @validated
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        workflow: ImageWorkflow,
        email: str | None = None,
        topic: aws_sns.ITopic | None = None,
        max_duration: Duration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ) -> None:
        _validate_email(email)
        super().__init__(scope, id)
        validate_user(self, workflow=workflow)
        longest = Duration.minutes(2) if max_duration is None else max_duration
        if longest.to_milliseconds() <= 0:
            raise ValueError("max_duration is zero, so every execution would be too slow. Omit it to use 2 minutes.")
        steps = workflow.steps
        self.topic = topic or make_topic(
            self, "Topic", system=SYSTEM, encryption_key=workflow.encryption_key, removal_policy=removal_policy
        )
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


def _validate_email(email: str | None) -> None:
    if email is None or Token.is_unresolved(email) or re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        return
    raise ValueError(
        f"email={email!r} is not an address. Use one such as 'ops@example.com', or omit it and subscribe to topic "
        "yourself."
    )
