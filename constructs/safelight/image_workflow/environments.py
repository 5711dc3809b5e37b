"""Resources that a workflow cannot use, because they are in another account or region."""

from aws_cdk import IResource, Stack, aws_dynamodb, aws_events, aws_s3
from constructs import Construct

from safelight.core.identity import can_equal, elsewhere


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
    _validate_here(
        scope,
        "upload_bucket",
        upload_bucket,
        reason="S3 sends a bucket's events only to the account and region of the bucket, so no upload would start the "
        "workflow. Put the workflow into a stack of that account and region, or use a bucket of this one.",
    )
    _validate_here(
        scope,
        "records",
        records,
        reason="The functions look the table up by its name in their own account and region. Use a table there.",
    )
    here, there = Stack.of(scope).region, event_bus.env.region
    if not can_equal(here, there):
        raise ValueError(
            f"{scope.node.path}: event_bus {event_bus.node.path} is in region {there}, and the workflow in {here}. "
            "EventBridge refuses events for a bus of another region. Use a bus of this region, and forward its events "
            "with a rule."
        )


def _validate_here(scope: Construct, argument: str, resource: IResource, *, reason: str) -> None:
    where = elsewhere(scope, resource)
    if where is not None:
        raise ValueError(
            f"{scope.node.path}: {argument} {resource.node.path} is in {where}, and the workflow in "
            f"{Stack.of(scope).environment.removeprefix('aws://')}. {reason}"
        )
