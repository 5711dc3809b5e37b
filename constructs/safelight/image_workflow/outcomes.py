"""The log of a workflow's outcomes, its metrics, and the saved queries."""

from collections.abc import Iterable

from aws_cdk import ArnFormat, RemovalPolicy, Stack, aws_events, aws_iam, aws_logs
from constructs import Construct

from safelight.core.identity import location, stack_location
from safelight.core.service_principals import every_rule
from safelight.image_workflow.workflow import ImageWorkflow
from safelight_contracts.events import DETAIL_TYPES, SOURCE
from safelight_contracts.records import Status

METRIC_NAMESPACE = "Safelight"
"""Namespace of the metrics ``Outcomes`` (by ``Workflow`` and ``Status``), ``Rejections`` (by ``Workflow`` and
``Reason``) and ``Routes`` (by ``Workflow``, ``Route`` and ``Status``)."""


def log_outcomes(
    scope: Construct, id: str, *, workflow: ImageWorkflow, removal_policy: RemovalPolicy
) -> aws_logs.LogGroup:
    """Log the events of a workflow for a month, and count them.

    EventBridge logs the whole event. The log therefore includes the details of rejections, such as labels.

    Raises
    ------
    ValueError
        If the workflow's bus is known to be in another account or region.
    """
    where = location(workflow.event_bus)
    if not where.can_equal(stack_location(scope)):
        raise ValueError(
            f"{scope.node.path} counts outcomes by a rule on the event_bus of {workflow.node.path}, which is in "
            f"{where}. Only a stack of that account and region can add the rule. Give the workflow a bus of its own "
            "account, and forward its events to the other bus with a rule."
        )
    log_group = aws_logs.LogGroup(
        scope,
        id,
        retention=aws_logs.RetentionDays.ONE_MONTH,
        encryption_key=workflow.encryption_key,
        removal_policy=removal_policy,
    )
    for action, conditions in (
        # EventBridge is not documented to send the rule with this request.
        ("logs:CreateLogStream", None),
        ("logs:PutLogEvents", {"ArnLike": {"aws:SourceArn": every_rule(scope)}}),
    ):
        log_group.add_to_resource_policy(
            aws_iam.PolicyStatement(
                principals=[
                    aws_iam.ServicePrincipal("events.amazonaws.com"),
                    aws_iam.ServicePrincipal("delivery.logs.amazonaws.com"),
                ],
                actions=[action],
                resources=[log_group.log_group_arn],
                conditions=conditions,
            )
        )
    # The CDK's target for log groups writes the policy above with a custom resource, which has a function and a role.
    aws_events.CfnRule(
        scope,
        f"{id}Rule",
        description="Logs the outcome of every upload of the image workflow",
        event_bus_name=workflow.event_bus.event_bus_name,
        event_pattern={
            "source": [SOURCE],
            "detail-type": list(DETAIL_TYPES),
            "detail": {"workflow": [workflow.workflow_id]},
        },
        targets=[
            aws_events.CfnRule.TargetProperty(
                id="Log",
                # Without the ':*' that a log group's own ARN ends with.
                arn=Stack.of(scope).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=log_group.log_group_name,
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                ),
            )
        ],
    )
    _count(
        log_group,
        "Outcomes",
        pattern='{ ($.detail.workflow = "*") && ($.detail.status = "*") }',
        dimensions={"Workflow": "$.detail.workflow", "Status": "$.detail.status"},
    )
    # Separate, because a dimension must have a value, and a published or failed image has no reason.
    _count(
        log_group,
        "Rejections",
        pattern=f'{{ ($.detail.workflow = "*") && ($.detail.status = "{Status.REJECTED}") '
        '&& ($.detail.reason = "*") }',
        dimensions={"Workflow": "$.detail.workflow", "Reason": "$.detail.reason"},
    )
    # Separate, because workflows before v5 have no routes, and neither have uploads of some places.
    _count(
        log_group,
        "Routes",
        pattern='{ ($.detail.workflow = "*") && ($.detail.route = "*") && ($.detail.status = "*") }',
        dimensions={"Workflow": "$.detail.workflow", "Route": "$.detail.route", "Status": "$.detail.status"},
    )
    return log_group


def _count(log_group: aws_logs.LogGroup, metric_name: str, *, pattern: str, dimensions: dict[str, str]) -> None:
    log_group.add_metric_filter(
        metric_name,
        filter_pattern=aws_logs.FilterPattern.literal(pattern),
        metric_namespace=METRIC_NAMESPACE,
        metric_name=metric_name,
        dimensions=dimensions,
    )


def save_queries(
    scope: Construct,
    *,
    outcomes: aws_logs.ILogGroup,
    functions: Iterable[aws_logs.ILogGroup],
    executions: aws_logs.ILogGroup,
) -> None:
    """Save CloudWatch Logs Insights queries in a folder named after the scope's path.

    Parameters
    ----------
    outcomes, functions, executions
        Log groups of outcomes, of each function, and of the state machine.
    """
    queries = {
        "Find an image by key": (
            [outcomes, *functions],
            aws_logs.QueryString(
                fields=["@timestamp", "@log", "message", "level", "detail.status", "detail.reason", "execution"],
                filter_statements=['detail.key = "YOUR KEY" or upload.key = "YOUR KEY"'],
                sort="@timestamp asc",
                limit=1000,
            ),
        ),
        "Failures": (
            [outcomes],
            aws_logs.QueryString(
                fields=["@timestamp", "detail.key", "detail.detail.name", "detail.executionArn"],
                filter_statements=[f'detail.status = "{Status.FAILED}"'],
                sort="@timestamp desc",
                limit=1000,
            ),
        ),
        "Rejections by reason and place": (
            [outcomes],
            aws_logs.QueryString(
                filter_statements=[f'detail.status = "{Status.REJECTED}"'],
                stats_statements=["count(*) as rejections by detail.reason, detail.placeId"],
                sort="rejections desc",
            ),
        ),
        "Slowest uploads": (
            [executions],
            aws_logs.QueryString(
                stats_statements=["max(@timestamp) - min(@timestamp) as milliseconds by execution_arn"],
                sort="milliseconds desc",
                limit=50,
            ),
        ),
    }
    for name, (log_groups, query) in queries.items():
        aws_logs.QueryDefinition(
            scope,
            name.title().replace(" ", ""),
            query_definition_name=f"{scope.node.path}/{name}",
            query_string=query,
            log_groups=log_groups,
        )
