"""Resources that a workflow cannot use, and constructs that cannot use a workflow, because of where they are."""

from dataclasses import replace

from aws_cdk import Annotations, Stack, aws_dynamodb, aws_events, aws_s3
from constructs import Construct

from safelight.core.identity import location, stack_location, table_location


def validate_environments(
    scope: Construct,
    *,
    upload_bucket: aws_s3.IBucket,
    records: aws_dynamodb.ITable,
    event_bus: aws_events.IEventBus,
) -> None:
    """Validate that resources are where the workflow can use them, as far as that is known at synth.

    Raises
    ------
    ValueError
        If the upload bucket or the table is in another account or region, or the bus in another region.
    """
    here = stack_location(scope)
    uploads, table, bus = location(upload_bucket), table_location(records), location(event_bus)
    if not uploads.can_equal(here):
        raise ValueError(
            f"{scope.node.path}: upload_bucket {upload_bucket.node.path} is in {uploads}, and the workflow in {here}. "
            "S3 sends a bucket's events only to the account and region of the bucket, so no upload would start the "
            "workflow. Put the workflow into a stack of that account and region, or use a bucket of this one."
        )
    if not table.can_equal(here):
        raise ValueError(
            f"{scope.node.path}: records {records.node.path} is in {table}, and the workflow in {here}. The functions "
            "look the table up by its name, in their own account and region. Use a table there."
        )
    if not replace(bus, account=here.account).can_equal(here):
        raise ValueError(
            f"{scope.node.path}: event_bus {event_bus.node.path} is in region {bus.region}, and the workflow in "
            f"{here.region}. EventBridge refuses events for a bus of another region. Use a bus of this region, and "
            "forward its events with a rule."
        )


def validate_user(scope: Construct, *, workflow: Construct) -> None:
    """Validate that a construct is where it can use a workflow, and warn if its stack is not the workflow's.

    Parameters
    ----------
    scope
        The construct that uses the workflow.
    workflow
        The workflow.

    Raises
    ------
    ValueError
        If they are known to be in different accounts or regions.
    """
    here, there = stack_location(scope), stack_location(workflow)
    if not here.can_equal(there):
        raise ValueError(
            f"{scope.node.path} is in {here}, and {workflow.node.path} in {there}. Put {type(scope).__name__} into a "
            "stack of the workflow's account and region."
        )
    own, other = _deployed_stack(scope), _deployed_stack(workflow)
    if own == other:
        return
    Annotations.of(scope).add_warning_v2(
        "safelight:stack-of-workflow",
        f"{type(scope).__name__} is in the stack {own}, and its workflow in {other}. {own} then imports values from "
        f"{other}. If you later change type= or the checks of the workflow, CloudFormation refuses: Export cannot be "
        f"deleted as it is in use. Put both into one stack, or deploy {own} without {type(scope).__name__} first.",
    )


def _deployed_stack(scope: Construct) -> str:
    """Return the path of the stack that exports values. A nested stack gets them as parameters from its parent."""
    stack = Stack.of(scope)
    while stack.nested_stack_parent is not None:
        stack = stack.nested_stack_parent
    return stack.node.path
