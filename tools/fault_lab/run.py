"""Runs the cases: uploads, applies the fault, and checks the outcome."""

import copy
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from tools.fault_lab.agreement import disagreements, look_at_public
from tools.fault_lab.cases import Case
from tools.fault_lab.covered import show_detectors, striped_picture
from tools.fault_lab.lab import FaultLab
from tools.fault_lab.rules import Rule
from tools.fault_lab.scenarios import (
    ANY_TIMES,
    COVERED,
    DELETED,
    NOTHING_LEFT,
    PNG,
    QUARANTINED,
    REJECTED_LATER,
    REPLACEMENT,
    REPROCESSED,
    SUPERSEDED_LATE,
    TOO_SMALL,
    WITHDRAWN,
    Ending,
    Scenario,
)

from safelight_contracts.records import Status
from safelight_local.aws.executions import Execution
from safelight_local.aws.records import seed_place
from safelight_local.aws.retry import start_again
from safelight_local.errors import UserError

_AT_ONCE = 16
# Time for events and the sweeper on a slow machine.
_SETTLING_SECONDS = 180.0
_SIDE = 720
_BACKGROUND = ("Sweep", "Withdraw")
_TIMES = {1: "", 2: " (twice)"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table.

    `expected`, `found`: the expected and the actual outcome of the upload.
    """

    step: str
    call: str
    fault: str
    expected: Ending
    found: Ending

    @property
    def as_expected(self) -> bool:
        """Whether the outcome is the expected one."""
        return self.found == self.expected


def run_cases(lab: FaultLab, *, cases: Sequence[Case], done: Callable[[Row], None]) -> list[Row]:
    """Run cases in parallel.

    Result: in the order of the cases.
    """
    rows: dict[int, Row] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        runs = {pool.submit(_row_of, lab, case=case, number=number): number for number, case in enumerate(cases)}
        for run in as_completed(runs):
            rows[runs[run]] = run.result()
            done(run.result())
    return [rows[number] for number in sorted(rows)]


def _row_of(lab: FaultLab, *, case: Case, number: int) -> Row:
    """Run one case. A timeout does not end the others."""
    try:
        return run_case(lab, case=case, number=number)
    except UserError as error:
        found = replace(case.expected, outcome=str(error))
        return Row(step=case.step, call=case.call, fault=case.fault, expected=case.expected, found=found)


def run_case(lab: FaultLab, *, case: Case, number: int) -> Row:
    """Run one case.

    `number`: Distinguishes its uploads from those of other cases.
    """
    scenario = case.scenario
    place = f"case-{number:03}"
    key = prepare_place(lab, scenario=scenario, place=place)
    earlier = _prepare(lab, scenario=scenario, key=key)
    rules = {f"{place}-{at}": with_text(rule, place) for at, rule in enumerate(case.rules)}
    for name, rule in rules.items():
        lab.put_rule(name, rule)
    execution = _act(lab, scenario=scenario, key=key, earlier=earlier)
    if case.step in _BACKGROUND and case.rules[-1].times is None:
        # Only the redelivered message and the schedule can finish it.
        lab.wait_for(lambda: all(lab.met()[name] for name in rules) or None, what=f"faults of {place}")
        met = _lift(lab, rules)
        if case.step == "Sweep":
            lab.sweep(scenario.workflow)
        found = look(lab, workflow=scenario.workflow, execution=execution, expected=case.expected)
    else:
        found = look(lab, workflow=scenario.workflow, execution=execution, expected=case.expected)
        met = _lift(lab, rules)
    if not all(met[name] for name in rules):
        found = replace(found, outcome=f"{found.outcome} (the fault did not occur)")
    lab.refuse(place)
    rejected = start_over(lab, scenario=scenario, execution=execution)
    lab.let_pass(place)
    reprocessed = start_over(lab, scenario=scenario, execution=execution)
    found = replace(found, rejected=rejected, reprocessed=reprocessed)
    return Row(step=case.step, call=case.call, fault=case.fault, expected=case.expected, found=found)


def _lift(lab: FaultLab, rules: Iterable[str]) -> dict[str, int]:
    """Remove rules, and count the calls that met each."""
    met = lab.met()
    for name in rules:
        lab.remove_rule(name)
    return met


def prepare_place(lab: FaultLab, *, scenario: Scenario, place: str) -> str:
    """Write a place's listing, and name the key of an upload to it."""
    seed_place(
        lab.aws,
        workflow=lab.workflows[scenario.workflow],
        place_id=place,
        place_type=scenario.place_type,
        name=place,
    )
    lab.let_pass(place)
    if scenario == COVERED:
        show_detectors(lab)
    return f"{place}/{scenario.name}.jpg"


def with_text(rule: Rule, text: str) -> Rule:
    """Restrict a rule to calls that also contain a text."""
    return replace(rule, contains=(*rule.contains, text))


def picture(lab: FaultLab, scenario: Scenario) -> bytes:
    """Make the file of a scenario, as small as possible."""
    if scenario in (TOO_SMALL, QUARANTINED, DELETED):
        return lab.samples.small.read_bytes()
    if scenario == COVERED:
        return striped_picture()
    encoded = io.BytesIO()
    image = Image.open(lab.samples.odd_name).resize((_SIDE, _SIDE))
    image.save(encoded, "PNG" if scenario == PNG else "JPEG")
    return encoded.getvalue()


def look(lab: FaultLab, *, workflow: str, execution: Execution, expected: Ending) -> Ending:
    """Return the outcome of an execution's upload, after its events arrived and the sweeper ran."""
    key = execution.upload["key"]

    def wrong() -> str:
        return ", ".join(disagreements(look_at_public(lab, workflow=workflow, key=key)))

    def settled() -> bool:
        return _words(lab.announced(execution.arn), expected=expected.events) == expected.events and not wrong()

    lab.wait_for_at_most(settled, seconds=_SETTLING_SECONDS)
    return Ending(
        outcome=_outcome(lab, workflow=workflow, execution=execution),
        execution=execution.status,
        events=_words(lab.announced(execution.arn), expected=expected.events),
        renditions=len(lab.renditions(workflow, execution)),
        original=lab.original(workflow, execution),
        left_over=wrong() or NOTHING_LEFT,
    )


def start_over(lab: FaultLab, *, scenario: Scenario, execution: Execution) -> str:
    """Retry a failed upload, or reprocess another one, and return the outcome.

    Returns the outcome, the number of public renditions, and the inconsistencies.
    """
    workflow, key = scenario.workflow, execution.upload["key"]
    before = look_at_public(lab, workflow=workflow, key=key)
    record = lab.record(workflow, execution)
    if record is not None and record.status == Status.FAILED and scenario == SUPERSEDED_LATE:
        # A retry takes the newest upload of a key.
        again = lab.start(workflow, event=execution.event)
    elif record is not None and record.status == Status.FAILED:
        again = start_again(lab.aws, workflow=lab.workflows[workflow], key=key).arn
    else:
        again = lab.start(workflow, event=reprocessing(execution))
    lab.ended(again)

    def wrong() -> list[str]:
        after = look_at_public(lab, workflow=workflow, key=key)
        gone = before.readable - after.readable
        removed = {name for event in after.events for name in event["detail"]["removed"]}
        return [
            *disagreements(after),
            *([f"{len(gone - removed)} removed but not announced"] if gone - removed else []),
        ]

    lab.wait_for_at_most(lambda: not wrong(), seconds=_SETTLING_SECONDS)
    outcome = _outcome(lab, workflow=workflow, execution=execution)
    asset = look_at_public(lab, workflow=workflow, key=key).asset
    return ", ".join([outcome, f"{len((asset or {}).get('renditions', ()))} public", *wrong()])


def reprocessing(execution: Execution) -> dict[str, object]:
    """Make the event that reprocesses an execution's upload."""
    return {**execution.event, "detail": {**execution.event["detail"], "reprocess": True}}


def event_later_by(event: dict[str, Any], *, steps: int) -> dict[str, Any]:
    """Make the event of an upload so many steps later. A negative number means earlier."""
    changed = copy.deepcopy(event)
    image = changed["detail"]["object"]
    image["sequencer"] = f"{int(image['sequencer'], 16) + steps:0{len(image['sequencer'])}X}"
    return changed


def _outcome(lab: FaultLab, *, workflow: str, execution: Execution) -> str:
    record = lab.record(workflow, execution)
    if record is None:
        return "no record"
    # The error of a failure is the fault that was injected, or what came of it.
    return " ".join(filter(None, [record.status, record.reason if record.status != Status.FAILED else None]))


def _prepare(lab: FaultLab, *, scenario: Scenario, key: str) -> Execution | None:
    """Publish what a scenario needs first, and return its execution."""
    if scenario not in (REPLACEMENT, REPROCESSED, REJECTED_LATER, SUPERSEDED_LATE, WITHDRAWN):
        return None
    etag = lab.upload(scenario.workflow, key=key, body=picture(lab, scenario) + b"earlier")
    earlier = lab.ended(lab.started_by(key=key, etag=etag).arn)
    if scenario == REJECTED_LATER:
        lab.refuse(key.partition("/")[0])
    return earlier


def _act(lab: FaultLab, *, scenario: Scenario, key: str, earlier: Execution | None) -> Execution:
    """Trigger the fault, and return the ended execution."""
    if earlier is None or scenario == REPLACEMENT:
        etag = lab.upload(scenario.workflow, key=key, body=picture(lab, scenario))
        return lab.ended(lab.started_by(key=key, etag=etag).arn)
    if scenario == WITHDRAWN:
        lab.delete(scenario.workflow, key=key)
        return earlier
    event = event_later_by(earlier.event, steps=-1) if scenario == SUPERSEDED_LATE else reprocessing(earlier)
    return lab.ended(lab.start(scenario.workflow, event=event))


def _words(events: Sequence[str], *, expected: str) -> str:
    return ", ".join(_counted(events, expected=expected)) or "-"


def _counted(events: Sequence[str], *, expected: str) -> Iterator[str]:
    for event, times in Counter(events).items():
        if f"{event}{ANY_TIMES}" in expected:
            yield f"{event}{ANY_TIMES}"
        else:
            yield f"{event}{_TIMES.get(times, f' ({times} times)')}"
