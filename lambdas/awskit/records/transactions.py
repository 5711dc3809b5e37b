"""Transactions of the records table."""

from typing import TYPE_CHECKING

from awskit import clients

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class TransactionConflict(Exception):  # noqa: N818 - the error name that workflows retry
    """Raised if the transaction conflicts with another one, or DynamoDB is busy. A retry of the step may succeed."""


def commit(writes: "list[TransactWriteItemTypeDef]") -> None:
    """Make writes in one transaction.

    Raises TransactionConflict if a condition no longer holds, or another transaction is in progress. Read again, and
    retry.
    """
    try:
        clients.dynamodb().transact_write_items(TransactItems=writes)
    except (
        clients.dynamodb().exceptions.TransactionCanceledException,
        clients.dynamodb().exceptions.TransactionInProgressException,
    ) as error:
        raise TransactionConflict(str(error)) from error
