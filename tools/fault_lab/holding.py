"""Pauses an execution before one of its calls, while something else happens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tools.fault_lab.lab import FaultLab
from tools.fault_lab.rules import STATE_MACHINE, Fault, Rule
from tools.fault_lab.run import Row, look, picture
from tools.fault_lab.scenarios import Ending, Scenario

from safelight_local.aws.executions import Execution


@dataclass(frozen=True, kw_only=True)
class Held:
    """Where an execution is paused: before a call of a state or a function.

    `call`: ``service:operation``, as in a rule.
    `caller`: a part of the function's name, or `STATE_MACHINE`.
    `after`: Number of such calls that pass first.
    """

    state: str
    call: str
    told_by: str = ""
    caller: str = STATE_MACHINE
    after: int = 0


BEFORE_PREPARE = Held(state="Prepare", call="lambda:invoke", told_by="Prepare")
BEFORE_CHECK = Held(state="Check", call="lambda:invoke", told_by="Moderation")
BEFORE_RENDER = Held(state="Render", call="lambda:invoke", told_by="Render")
BEFORE_PUBLISH = Held(state="Publish", call="lambda:invoke", told_by="Publish")
BEFORE_CLAIM = Held(state="Claim", call="dynamodb:updateItem", told_by='"PROCESSING"')


# The most executions that are paused at the same time.
_MOST = 2


@contextmanager
def holding(lab: FaultLab, *, place: str, held: Held, times: int = 1) -> Iterator[None]:
    """Pause executions of a place's uploads before a call, until the block ends.

    A function's SDK gives up a paused call after a while, and calls again, so all of its calls are paused. They are
    made when the block ends, although the SDK no longer waits for their answers.
    """
    rule = Rule(
        fault=Fault.HELD,
        caller=held.caller,
        operation=held.call,
        contains=(held.told_by, place),
        after=held.after,
        times=times if held.caller == STATE_MACHINE else None,
    )
    lab.put_rule(place, rule)
    try:
        yield
    finally:
        for name in (place, *_again(place)):
            lab.remove_rule(name)


def _again(place: str) -> list[str]:
    return [f"{place}-again-{number}" for number in range(_MOST)]


def wait_until_held(lab: FaultLab, *, place: str, held: Held, arns: Sequence[str]) -> None:
    """Wait until executions are paused. If the state times out and retries, they are paused again."""
    lab.wait_for(lambda: lab.met()[place] >= len(arns) or None, what=f"{len(arns)} held call(s) of {place}")
    for name, arn in zip(_again(place), arns, strict=False):
        again = Rule(fault=Fault.HELD, caller=held.caller, operation=held.call, contains=(held.told_by, arn))
        lab.put_rule(name, again)


def row(lab: FaultLab, *, scenario: Scenario, what: str, fault: str, arn: str, expected: Ending) -> Row:
    """Wait for an execution to end, and return its row."""
    execution = lab.ended(arn)
    found = look(lab, workflow=scenario.workflow, execution=execution, expected=expected)
    return Row(step=what, call="-", fault=fault, expected=expected, found=found)


def upload(lab: FaultLab, scenario: Scenario, key: str, *, more: bytes = b"") -> Execution:
    """Upload a scenario's picture with trailing bytes that readers ignore, and return the execution that starts."""
    etag = lab.upload(scenario.workflow, key=key, body=picture(lab, scenario) + more)
    return lab.started_by(key=key, etag=etag)
