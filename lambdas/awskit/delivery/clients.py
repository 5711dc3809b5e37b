"""AWS clients that only delivery needs. Each is made on first use, like the other clients."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

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
    encrypts, and for S3's global endpoint, which redirects to the bucket's region or does not know it.
    """
    made: S3Client = client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": _addressing_style()}))
    return made


def _addressing_style() -> Literal["auto", "virtual"]:
    # An endpoint that the environment names, such as an emulator's, may have no names for buckets.
    has_endpoint = any(name in os.environ for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"))
    return "auto" if has_endpoint else "virtual"


@cache
def secretsmanager() -> Any:
    """Return the Secrets Manager client."""
    return client("secretsmanager", config=client_config(read_timeout=3, attempts=2))
