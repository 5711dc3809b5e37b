"""The clients that read the images of requests from S3, one for each account."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CONNECTIONS = 50


class S3Clients:
    """S3 clients, made as the environment says: endpoint, credentials and CA bundle. They are thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[str | None, S3Client] = {}
        self.of(None)

    def of(self, account: str | None) -> S3Client:
        """Return the client of an account's root user.

        `account`: Twelve digits, which the emulator takes for an access key. None stands for that of the environment.
        """
        key = account or os.environ.get("AWS_ACCESS_KEY_ID")
        # boto3's default session makes one client at a time.
        with self._lock:
            if key not in self._clients:
                self._clients[key] = boto3.client(
                    "s3",
                    aws_access_key_id=key,
                    aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY"),
                    config=Config(max_pool_connections=_CONNECTIONS),
                )
            return self._clients[key]
