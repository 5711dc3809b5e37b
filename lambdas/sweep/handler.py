"""Entry point of the function that finishes what executions left which ended before their time."""

import os
from typing import Any

from awskit.queues import take_messages
from awskit.sweeping import finish_execution, place_from_environment
from sweep.everything import sweep_everything


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Finish an execution that failed, timed out or was stopped, or everything that is left of any.

    Parameters
    ----------
    event
        A batch of SQS messages. Each is Step Functions' event on an execution's status, or `{"sweep": "everything"}`.
    context
        Lambda's; not used.

    Returns
    -------
    dict
        `{"batchItemFailures"}`: the messages that must come again.
    """
    return take_messages(event, take=_take)


def _take(message: dict[str, Any]) -> None:
    place = place_from_environment()
    if message.get("sweep") == "everything":
        sweep_everything(place=place, state_machine=os.environ.get("STATE_MACHINE"))
    else:
        finish_execution(message["detail"]["executionArn"], place=place)
