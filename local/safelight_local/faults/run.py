"""Runs the cases: upload, let the fault happen, and look at what became of it."""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from PIL import Image

from safelight_local.executions import Execution
from safelight_local.faults.cases import (
    DELETED,
    PNG,
    QUARANTINED,
    REPLACEMENT,
    TOO_SMALL,
    WITHDRAWN,
    Case,
    Ending,
    Scenario,
    retried,
)
from safelight_local.faults.rules import Rule
from safelight_local.faults.world import World
from safelight_local.records import seed_place
from safelight_local.retry import start_again

_AT_ONCE = 16
_EVENT_SECONDS = 5.0
_TIMES = {1: "", 2: " (twice)"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table.

    Attributes
    ----------
    step, call, fault : str
        Which case it is.
    expected, found : Ending
        What should have become of the upload, and what did.
    """

    step: str
    call: str
    fault: str
    expected: Ending
    found: Ending

    @property
    def as_expected(self) -> bool:
        """Whether what should have happened did."""
        return self.found == self.expected


def run_cases(world: World, *, cases: Sequence[Case], done: Callable[[Row], None]) -> list[Row]:
    """Run cases side by side.

    Parameters
    ----------
    world : World
        The deployment.
    cases : Sequence[Case]
        What to run.
    done : Callable[[Row], None]
        Gets each row once it is known.

    Returns
    -------
    list[Row]
        In the order of the cases.
    """
    rows: dict[int, Row] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        runs = {pool.submit(run_case, world, case=case, number=number): number for number, case in enumerate(cases)}
        for run in as_completed(runs):
            rows[runs[run]] = run.result()
            done(run.result())
    return [rows[number] for number in sorted(rows)]


def run_case(world: World, *, case: Case, number: int) -> Row:
    """Run one case.

    Parameters
    ----------
    world : World
        The deployment.
    case : Case
        The case.
    number : int
        Tells its uploads from those of other cases.
    """
    scenario = case.scenario
    place = f"case-{number:03}"
    key = prepare_place(world, scenario=scenario, place=place)
    event = _prepare(world, scenario=scenario, key=key)
    rules = {f"{place}-{at}": with_text(rule, place) for at, rule in enumerate(case.rules)}
    for name, rule in rules.items():
        world.put_rule(name, rule)
    if event is None:
        etag = world.upload(scenario.workflow, key=key, body=picture(world, scenario))
        arn = world.started_by(key=key, etag=etag).arn
    else:
        arn = world.start(scenario.workflow, event=event)
    execution = world.ended(arn)
    found = look(world, workflow=scenario.workflow, execution=execution, expected=case.expected)
    met = world.met()
    for name in rules:
        world.remove_rule(name)
    if not all(met[name] for name in rules):
        found = replace(found, outcome=f"{found.outcome} (the fault was not met)")
    if execution.status == "FAILED":
        found = replace(found, retried=_retry(world, scenario=scenario, execution=execution))
    return Row(step=case.step, call=case.call, fault=case.fault, expected=case.expected, found=found)


def prepare_place(world: World, *, scenario: Scenario, place: str) -> str:
    """Write a place's listing, and name the key of an upload to it."""
    seed_place(
        world.aws,
        workflow=world.workflows[scenario.workflow],
        place_id=place,
        place_type=scenario.place_type,
        name=place,
    )
    return f"{place}/{scenario.name}.jpg"


def with_text(rule: Rule, text: str) -> Rule:
    """Narrow a rule to calls that contain one thing more."""
    return replace(rule, contains=(*rule.contains, text))


def picture(world: World, scenario: Scenario) -> bytes:
    """Make what is uploaded in a scenario."""
    if scenario in (TOO_SMALL, QUARANTINED, DELETED):
        return world.samples.small.read_bytes()
    if scenario == PNG:
        encoded = io.BytesIO()
        Image.open(world.samples.odd_name).resize((1000, 750)).save(encoded, "PNG", compress_level=1)
        return encoded.getvalue()
    return world.samples.odd_name.read_bytes()


def look(world: World, *, workflow: str, execution: Execution, expected: Ending) -> Ending:
    """See what became of an execution's upload, once its events have come."""

    def events() -> str:
        return _words(world.announced(execution.arn))

    world.wait_for_at_most(lambda: events() == expected.events, seconds=_EVENT_SECONDS)
    record = world.record(workflow, execution)
    outcome = " ".join(filter(None, [record.status, record.reason])) if record else "no record"
    return Ending(
        outcome=outcome,
        execution=execution.status,
        events=events(),
        renditions=len(world.renditions(workflow, execution)),
        original=world.original(workflow, execution),
    )


def _prepare(world: World, *, scenario: Scenario, key: str) -> dict[str, object] | None:
    """Do what comes before the upload; for a reprocess, return the event that starts it."""
    if scenario not in (REPLACEMENT, WITHDRAWN):
        return None
    if scenario == WITHDRAWN:
        answers = [
            {"response": {"ModerationLabels": []}, "times": 1},
            {"response": {"ModerationLabels": [{"Name": "Violence", "Confidence": 99.0, "ParentName": ""}]}},
        ]
        fixture = {"key": key, "answers": {"DetectModerationLabels": answers}}
        world.ask_rekognition("PUT", f"/_safelight/fixtures/{key.partition('/')[0]}", fixture)
    etag = world.upload(scenario.workflow, key=key, body=picture(world, scenario) + b"earlier")
    earlier = world.ended(world.started_by(key=key, etag=etag).arn)
    if scenario == REPLACEMENT:
        return None
    return {**earlier.event, "detail": {**earlier.event["detail"], "reprocess": True}}


def _retry(world: World, *, scenario: Scenario, execution: Execution) -> str:
    workflow = world.workflows[scenario.workflow]
    again = start_again(world.aws, workflow=workflow, key=execution.upload["key"])
    ended = world.ended(again.arn)
    return retried(look(world, workflow=scenario.workflow, execution=ended, expected=scenario.ending))


def _words(events: Sequence[str]) -> str:
    return ", ".join(_counted(events)) or "-"


def _counted(events: Sequence[str]) -> Iterator[str]:
    for event, times in Counter(events).items():
        yield f"{event}{_TIMES.get(times, f' ({times} times)')}"
