"""Clients of the AWS SDK.

They are botocore's. boto3 adds methods that no function calls, and its import makes a cold start 80 ms longer.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session


@cache
def session() -> Session:
    """Return the session of all clients. It reads the region and the credentials from the environment."""
    made = get_session()
    loader = made.get_component("data_loader")
    # Before it loads a service, botocore looks into the folders of all 430, which takes 30 ms of a cold start.
    loader.list_available_services = lambda _type: _folders_in(loader.search_paths)
    return made


def _folders_in(paths: Iterable[str]) -> list[str]:
    return sorted({folder.name for path in map(Path, paths) if path.is_dir() for folder in path.iterdir()})


def client(service: str, *, config: Config) -> Any:
    """Make a client.

    Parameters
    ----------
    service
        As botocore names it, such as ``s3``.
    """
    return session().create_client(service, config=config)
