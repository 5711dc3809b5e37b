"""A Map Run: its record, and its child executions.

A child execution that runs when the Map Run fails goes on to its end here, but counts as aborted. Step Functions aborts
it at once. Nothing can be redriven, and ``UpdateMapRun`` changes only the record.
"""

import contextvars
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from safelight_local.emulator.map_runs.batches import item_count
from safelight_local.emulator.map_runs.state import MapState, Properties

MOST_AT_ONCE = 64
"""Child executions at once with no ``MaxConcurrency``. Step Functions runs 10,000."""


@dataclass(kw_only=True)
class Child:
    """A child execution.

    `items`: how many it has. `execution`: as ministack keeps it, and None before it has started.
    """

    input: Any
    items: int
    execution: Properties | None = None

    @property
    def status(self) -> str:
        """As ``ListExecutions`` returns it, and ``PENDING`` before it has started."""
        return self.execution["status"] if self.execution else "PENDING"


@dataclass(kw_only=True)
class MapRun:
    """One attempt of a Distributed Map state.

    `parent`: the execution that the state is in, as ministack keeps it. `processor`: the ``ItemProcessor``.
    `record`: what ``DescribeMapRun`` returns.
    """

    state: MapState
    parent: Properties
    processor: Properties
    record: Properties
    children: list[Child] = field(default_factory=list)
    is_failed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def arn(self) -> str:
        """The ARN of the Map Run."""
        arn: str = self.record["mapRunArn"]
        return arn

    @property
    def is_stopped(self) -> bool:
        """Whether the execution that the state is in was stopped."""
        return bool(self.parent["status"] != "RUNNING")

    def admit(self, inputs: Sequence[Any]) -> None:
        """Set the inputs of the child executions."""
        self.children = [Child(input=it, items=item_count(self.state, it)) for it in inputs]
        for child in self.children:
            self._count(child, after="total")
            self._count(child, after="pending")

    def run_children(self) -> None:
        """Run the child executions until all have ended or too many have failed."""
        limit = int(self.record["maxConcurrency"]) or MOST_AT_ONCE
        with ThreadPoolExecutor(max_workers=max(1, min(limit, len(self.children)))) as pool:
            ends = [pool.submit(contextvars.copy_context().run, self._run_child, child) for child in self.children]
        for end in ends:
            end.result()

    def end(self, status: str) -> None:
        """Record the end, and that all results are written: those of child executions that never started too."""
        from ministack.services import stepfunctions

        for counts in (self.record["itemCounts"], self.record["executionCounts"]):
            counts["resultsWritten"] = counts["total"]
        self.record |= {"status": status, "stopDate": stepfunctions.now_iso()}

    def _run_child(self, child: Child) -> None:
        from ministack.services import stepfunctions

        with self._lock:
            if self.is_failed or self.is_stopped:
                return
            child.execution = self._start(child)
            self._count(child, before="pending", after="running")
        execution, context = child.execution, self._context_of(child.execution, child_input=child.input)
        states, first = self.processor["States"], self.processor["StartAt"]
        try:
            output = json.dumps(stepfunctions._run_sub_machine(states, first, child.input, execution, context))
            event, end = {"executionSucceededEventDetails": {"output": output}}, {"output": output}
            status = "SUCCEEDED"
        except Exception as error:
            if not isinstance(error, stepfunctions._ExecutionError):
                error = stepfunctions._ExecutionError("States.Runtime", str(error))
            end = {"error": error.error, "cause": error.cause}
            event, status = {"executionFailedEventDetails": end}, "FAILED"
        with self._lock:
            if self.is_failed or self.is_stopped or execution["status"] != "RUNNING":
                event, end, status = {}, {}, "ABORTED"
            stepfunctions._add_event(execution, f"Execution{status.capitalize()}", event)
            execution |= {"status": status, "stopDate": stepfunctions.now_iso(), **end}
            self._count(child, before="running", after=status.lower())
            self.is_failed = self.is_failed or self._has_too_many_failures()

    def _start(self, child: Child) -> Properties:
        from ministack.services import stepfunctions

        name, now, given = stepfunctions.new_uuid(), stepfunctions.now_iso(), json.dumps(child.input)
        machine = self.record["_stateMachineArn"]
        started = {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "timestamp": now}
        execution = {
            "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
            "stateMachineArn": machine,
            "mapRunArn": self.arn,
            "name": name,
            "status": "RUNNING",
            "startDate": now,
            "stopDate": None,
            "input": given,
            "output": None,
            "events": [started | {"executionStartedEventDetails": {"input": given}}],
            "testCase": self.parent.get("testCase"),
            "mockAttempts": {},
        }
        stepfunctions._executions[execution["executionArn"]] = execution
        return execution

    def _context_of(self, execution: Properties, *, child_input: Any) -> Properties:
        """Make the context object: neither the item nor the variables of the parent are in it."""
        return {
            "QueryLanguage": self.state.context.get("QueryLanguage", "JSONPath"),
            "Execution": {
                "Id": execution["executionArn"],
                "Input": child_input,
                "Name": execution["name"],
                "StartTime": execution["startDate"],
                "RedriveCount": 0,
            },
            "StateMachine": {
                "Id": execution["stateMachineArn"],
                "Name": self.parent["stateMachineArn"].split(":")[6],
            },
            "variables": {},
        }

    def _count(self, child: Child, *, after: str, before: str | None = None) -> None:
        for counts, number in ((self.record["itemCounts"], child.items), (self.record["executionCounts"], 1)):
            counts[after] += number
            if before is not None:
                counts[before] -= number

    def _has_too_many_failures(self) -> bool:
        """Whether a threshold is exceeded. With none, one failure is too many."""
        counts, definition = self.record["itemCounts"], self.state.definition
        failed = counts["failed"] + counts["timedOut"]
        exceeded = {
            "ToleratedFailureCount": failed > self.record["toleratedFailureCount"],
            "ToleratedFailurePercentage": failed * 100 > self.record["toleratedFailurePercentage"] * counts["total"],
        }
        set_ones = [is_exceeded for name, is_exceeded in exceeded.items() if {name, f"{name}Path"} & definition.keys()]
        return any(set_ones) if set_ones else failed > 0


def start_map_run(state: MapState, *, parent: Properties, processor: Properties) -> MapRun:
    """Start a Map Run with no child executions yet, and make it known to ``DescribeMapRun`` and ``ListMapRuns``."""
    from ministack.services import stepfunctions

    machine = f"{parent['stateMachineArn']}/{state.definition.get('Label') or stepfunctions.new_uuid()}"
    counted = ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten")
    none = dict.fromkeys((*counted, "failuresNotRedrivable", "pendingRedrive"), 0)
    record = {
        "mapRunArn": f"{machine.replace(':stateMachine:', ':mapRun:')}:{stepfunctions.new_uuid()}",
        "executionArn": parent["executionArn"],
        "status": "RUNNING",
        "startDate": stepfunctions.now_iso(),
        "maxConcurrency": int(state.number("MaxConcurrency", field=state.definition) or 0),
        "toleratedFailureCount": int(state.number("ToleratedFailureCount", field=state.definition) or 0),
        "toleratedFailurePercentage": state.number("ToleratedFailurePercentage", field=state.definition) or 0.0,
        "itemCounts": dict(none),
        "executionCounts": dict(none),
        "redriveCount": 0,
        "_stateMachineArn": machine,
    }
    stepfunctions._map_runs[record["mapRunArn"]] = record
    return MapRun(state=state, parent=parent, processor=processor, record=record)
