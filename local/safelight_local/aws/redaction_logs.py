"""What a redaction's function has written about a file. Its event of a file that it rejects is nowhere else."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from safelight_local.aws.clients import Clients

CLOCKS = timedelta(minutes=2)
"""By how much the clocks of this machine and of AWS can differ."""

_MILLISECONDS = 1000


def log_group_of(clients: Clients, *, function: str) -> str:
    """Return the name of the log group of a function."""
    found = clients.lambda_.get_function_configuration(FunctionName=function)
    return found.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{found['FunctionName']}")


def log_entries(clients: Clients, *, log_group: str, since: datetime, word: str) -> Iterator[dict[str, Any]]:
    """Yield the entries with a word that a function has written.

    `since`: by the clock of this machine.
    """
    pages = clients.logs.get_paginator("filter_log_events").paginate(
        logGroupName=log_group,
        startTime=int((since - CLOCKS).timestamp() * _MILLISECONDS),
        filterPattern=f'"{word}"',
    )
    try:
        for page in pages:
            for event in page["events"]:
                yield _parsed(event["message"])
    except clients.logs.exceptions.ResourceNotFoundException:
        return  # The function has not run yet.


def _parsed(message: str) -> dict[str, Any]:
    try:
        entry = json.loads(message)
    except json.JSONDecodeError:
        return {}
    return entry if isinstance(entry, dict) else {}
