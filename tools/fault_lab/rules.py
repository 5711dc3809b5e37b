"""Rules: which calls get a fault, which fault, and how often."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

STATE_MACHINE = "state machine"
"""The caller where a state calls a service itself."""


class Fault(StrEnum):
    """The kinds of faults."""

    THROTTLED = "throttled"
    """The service throttles the call."""
    INTERNAL_ERROR = "500"
    """The service has an internal error."""
    UNAVAILABLE = "503"
    """The service is unavailable."""
    DENIED = "access denied"
    """Access is denied."""
    TIMED_OUT = "time-out"
    """There is no answer, and the call was not executed."""
    BROKEN_OFF = "answer broken off"
    """The call is executed, and the connection is reset in the middle of the answer."""
    KILLED = "function killed"
    """The function's process ends before the call is executed."""
    HELD = "held"
    """The call waits until its rule is removed."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A fault for some calls.

    `caller`: a part of the function's name, or `STATE_MACHINE`.
    `operation`: ``service:Operation``, as in IAM. For a state machine, the end of the resource, such as
    ``dynamodb:updateItem``.
    `contains`: Texts that the call's text must contain, such as an upload's key.
    `after`: Number of such calls that pass first.
    `times`: Number of calls that get the fault. None for all.
    """

    fault: Fault
    caller: str
    operation: str
    contains: tuple[str, ...]
    after: int = 0
    times: int | None = None

    def source(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a service.

    `caller`: the function's name, or `STATE_MACHINE`.
    `operation`: as in a rule.
    `text`: its path and body, and the key of the upload that the caller handles.
    """

    caller: str
    operation: str
    text: str


@dataclass
class _Counted:
    rule: Rule
    met: int = 0
    removed: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, kw_only=True)
class Met:
    """The fault of a call, and an event that is set when its rule is removed."""

    fault: Fault
    removed: threading.Event


class RuleBook:
    """The active rules. It is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[str, _Counted] = {}

    def put(self, name: str, rule: Rule) -> None:
        """Add or replace a rule."""
        with self._lock:
            self._rules[name] = _Counted(rule)

    def remove(self, name: str) -> None:
        """Remove a rule, if it exists."""
        with self._lock:
            counted = self._rules.pop(name, None)
        if counted is not None:
            counted.removed.set()

    def met(self) -> dict[str, int]:
        """Count the calls that matched each rule."""
        with self._lock:
            return {name: max(0, counted.met - counted.rule.after) for name, counted in self._rules.items()}

    def take(self, call: Call) -> Met | None:
        """Return the fault of a call, or None."""
        with self._lock:
            for counted in self._rules.values():
                rule = counted.rule
                last = None if rule.times is None else rule.after + rule.times
                if not _fits(rule, call) or counted.met == last:
                    continue
                counted.met += 1
                if counted.met > rule.after:
                    return Met(fault=rule.fault, removed=counted.removed)
        return None


def _fits(rule: Rule, call: Call) -> bool:
    return (
        rule.caller in call.caller
        and rule.operation == call.operation
        and all(part in call.text for part in rule.contains)
    )


def parse_rule(source: Mapping[str, Any]) -> Rule:
    """Parse a rule from the JSON of `Rule.source`."""
    return Rule(**{**source, "fault": Fault(source["fault"]), "contains": tuple(source["contains"])})
