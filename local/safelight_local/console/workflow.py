"""A workflow's type, definitions and place types, for the console."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from safelight_local.aws.clients import Clients
from safelight_local.aws.deployment import DeployedWorkflow

# v5 and later have their routes as data in the definition.
_ROUTES = re.compile(r"\$base64decode\('([A-Za-z0-9+/=]+)'\)")
_LITERAL = re.compile(r"'([^']+)'")
_PLACE_TYPE = re.compile(r"placeType|place_type", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A state machine's definition.

    `asl`: as it is deployed.
    `keeps_history`: whether Step Functions keeps its executions: that is so of Standard workflows, and not of Express
    ones.
    """

    asl: dict[str, Any]
    keeps_history: bool


def read_definition(clients: Clients, *, workflow: DeployedWorkflow) -> Definition:
    """Read the definition that new uploads run with.

    Returns the newest one; while a release goes from one version to another, some uploads still meet the one before.
    """
    found = clients.stepfunctions.describe_state_machine(stateMachineArn=workflow.state_machine_arn)
    return Definition(asl=json.loads(found["definition"]), keeps_history=found["type"] == "STANDARD")


def definition_of_execution(clients: Clients, *, arn: str) -> dict[str, Any]:
    """Read the definition that an execution ran with, which may have been replaced since."""
    found = clients.stepfunctions.describe_state_machine_for_execution(executionArn=arn)
    definition: dict[str, Any] = json.loads(found["definition"])
    return definition


def place_types(definition: dict[str, Any]) -> list[str]:
    """List the types of places that a definition has routes for.

    Result: by name. Empty for workflows to which the place makes no difference, and for those that choose by other
    means than the definitions of the library.
    """
    return sorted({*_routes(json.dumps(definition)), *_compared(definition)})


def _routes(text: str) -> Iterator[str]:
    for match in _ROUTES.finditer(text):
        try:
            routes = json.loads(base64.b64decode(match[1], validate=True))["routes"]
            yield from (str(name) for name in routes)
        except (binascii.Error, ValueError, KeyError, TypeError):
            continue


def _compared(definition: dict[str, Any]) -> Iterator[str]:
    for state in definition.get("States", {}).values():
        for choice in state.get("Choices", ()) if isinstance(state, dict) else ():
            condition = str(choice.get("Condition", ""))
            if _PLACE_TYPE.search(condition):
                yield from _LITERAL.findall(condition)
