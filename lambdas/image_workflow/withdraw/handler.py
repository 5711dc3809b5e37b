"""Entry point of the function that withdraws what is published of an upload that was deleted."""

from typing import Any

from awskit.deletion import parse_deletion, withdraw_deleted
from awskit.queues import take_messages
from awskit.sweeping import resources_from_environment


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Withdraw published uploads whose object was deleted.

    `event`: a batch of SQS messages, each with an S3 event `Object Deleted`.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    return take_messages(
        event, take=lambda message: withdraw_deleted(parse_deletion(message), resources=resources_from_environment())
    )
