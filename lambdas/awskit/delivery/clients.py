"""AWS clients that only delivery needs. Each is made on first use, like the other clients."""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from awskit.clients import client_config
from awskit.sdk import client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@cache
def cloudfront() -> Any:
    """Return the CloudFront client."""
    return client("cloudfront", config=client_config(read_timeout=6, attempts=3))


@cache
def presigner() -> "S3Client":
    """Return the S3 client that makes presigned URLs.

    By default, botocore makes them with signature version 2 in older regions, which S3 refuses for objects that KMS
    encrypts.
    """
    made: S3Client = client("s3", config=Config(signature_version="s3v4"))
    return made


@cache
def secretsmanager() -> Any:
    """Return the Secrets Manager client."""
    return client("secretsmanager", config=client_config(read_timeout=3, attempts=2))
