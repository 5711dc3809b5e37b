"""Executions of a state machine in the emulator, which end as their uploads' keys say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.local.lambda_functions import create_role
from tests.local.small_workflow import DEFINITION, wait_until_ended

from safelight_local.emulator.process import Emulator


@dataclass(frozen=True, kw_only=True)
class StateMachine:
    """A state machine that does nothing: a key with `broken` in it fails, one with `slow` in it waits."""

    emulator: Emulator
    arn: str

    def start(self, key: str, *, sequencer: str = "0A", **detail: Any) -> str:
        """Start an execution as an upload does, and return its ARN."""
        made = {"key": key, "size": 100, "etag": "e1", "sequencer": sequencer} | detail
        return self.start_by({"detail": {"bucket": {"name": "uploads"}, "object": made}})

    def start_by(self, event: Mapping[str, Any]) -> str:
        """Start an execution by any event."""
        started = self.emulator.endpoints.stepfunctions.start_execution(
            stateMachineArn=self.arn, input=json.dumps(event)
        )
        return started["executionArn"]

    def fail(self, key: str = "p1/broken.jpg", **detail: Any) -> str:
        """Run an execution that fails."""
        arn = self.start(key, **detail)
        self.wait(arn)
        return arn

    def wait(self, arn: str) -> None:
        """Wait for the end of an execution."""
        wait_until_ended(self.emulator.endpoints, arn=arn)

    def stop(self, arn: str) -> None:
        """Stop an execution under way."""
        self.emulator.endpoints.stepfunctions.stop_execution(executionArn=arn)
        self.wait(arn)


def make_state_machine(emulator: Emulator) -> StateMachine:
    """Make a state machine of the test's own."""
    name = f"m{uuid4().hex}"
    made = emulator.endpoints.stepfunctions.create_state_machine(
        name=name, definition=json.dumps(DEFINITION), roleArn=create_role(emulator.endpoints, name)
    )
    return StateMachine(emulator=emulator, arn=made["stateMachineArn"])
