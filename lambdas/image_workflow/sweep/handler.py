"""Entry point of the function that finishes what executions left that ended early."""

import os
from typing import Any

from awskit.queues import take_messages
from awskit.sweeping import finish_execution, resources_from_environment
from image_workflow.sweep.claims import sweep_claims
from image_workflow.sweep.everything import sweep_everything
from safelight_contracts.environment import Variable


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Finish an execution that failed, timed out or was stopped, or everything that any execution left.

    `event`: a batch of SQS messages. Each is Step Functions' event on an execution's status, `{"sweep": "everything"}`
    or `{"sweep": "claims"}`.

    Returns `{"batchItemFailures"}`: the messages that SQS must deliver again.
    """
    return take_messages(event, take=_take)


def _take(message: dict[str, Any]) -> None:
    resources, state_machine = resources_from_environment(), os.environ.get(Variable.STATE_MACHINE)
    match message.get("sweep"):
        case "everything":
            sweep_everything(resources=resources, state_machine=state_machine)
        case "claims":
            sweep_claims(resources=resources, state_machine=state_machine)
        case _:
            finish_execution(message["detail"]["executionArn"], resources=resources)
