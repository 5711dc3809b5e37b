"""AWS clients, one for each service. Each is made on first use, because making one is most of a cold start."""

from functools import cache
from typing import TYPE_CHECKING

from botocore.config import Config

from awskit.sdk import client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


def client_config(*, read_timeout: int, attempts: int) -> Config:
    """Return the timeouts and retries of a client.

    The client gives up on a service that does not answer within 20 s, all attempts and waits included. The shortest
    timeout of a function is 30 s. If the step's other calls and its own work take less than the remaining 10 s, the
    workflow sees the call's own error, and waits that error out. If they take longer, the workflow sees the timeout of
    the function, and retries it like any other error.

    `read_timeout`: the seconds to wait for an answer.
    `attempts`: the maximum number of attempts.
    """
    return Config(
        connect_timeout=2,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


@cache
def s3() -> "S3Client":
    """Return the S3 client."""
    made: S3Client = client("s3", config=client_config(read_timeout=6, attempts=2))
    return made


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client."""
    made: DynamoDBClient = client("dynamodb", config=client_config(read_timeout=3, attempts=3))
    return made


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    made: EventBridgeClient = client("events", config=client_config(read_timeout=3, attempts=3))
    return made


@cache
def sqs() -> "SQSClient":
    """Return the SQS client."""
    made: SQSClient = client("sqs", config=client_config(read_timeout=3, attempts=3))
    return made


@cache
def stepfunctions() -> "SFNClient":
    """Return the Step Functions client."""
    made: SFNClient = client("stepfunctions", config=client_config(read_timeout=6, attempts=2))
    return made
