"""Resources that a workflow cannot use, because they are in another account or region."""

from dataclasses import replace

from aws_cdk import aws_dynamodb, aws_events, aws_s3
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
