"""Clients of the AWS SDK.

They are botocore's. boto3 adds methods that no function calls, and its import makes a cold start 80 ms longer.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


@cache
def session() -> Session:
    """Return the session of all clients. It reads the region and the credentials from the environment."""
    return get_session()


def client(service: str, *, config: Config) -> Any:
    """Make a client.

    Parameters
    ----------
    service
        As botocore names it, such as ``s3``.
    """
    return session().create_client(service, config=config)
