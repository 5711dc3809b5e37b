"""Events that come twice, late or in the wrong order, and uploads that are deleted, replaced or changed on the way."""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from safelight_local.executions import Execution
from safelight_local.faults.cases import DELETED, JPEG, PUBLISHED, Ending, Scenario
from safelight_local.faults.rules import STATE_MACHINE, Fault, Rule
from safelight_local.faults.run import Row, look, picture, prepare_place
from safelight_local.faults.world import World

SUPERSEDED = Ending(
    outcome="REJECTED SUPERSEDED", execution="SUCCEEDED", events="Image Rejected", renditions=0, original="kept"
)
_DUPLICATE = replace(PUBLISHED, events="-")
_GONE = Ending(outcome="FAILED", execution="FAILED", events="Image Failed", renditions=0, original="gone")
# An unversioned bucket holds nothing of what was replaced.
_UNVERSIONED = replace(JPEG, name="unversioned", workflow=DELETED.workflow)
_NEWER = b"newer"


@dataclass(frozen=True, kw_only=True)
class _Held:
    """Where an execution is held: before a state calls something."""

    state: str
    call: str
    told_by: str


_BEFORE_DEVELOP = _Held(state="Develop", call="lambda:invoke", told_by="Develop")
_BEFORE_CHECK = _Held(state="Check", call="lambda:invoke", told_by="Moderation")
_BEFORE_RENDER = _Held(state="Render", call="lambda:invoke", told_by="Render")
_BEFORE_PUBLISH = _Held(state="Publish", call="lambda:invoke", told_by="Publish")
_BEFORE_CLAIM = _Held(state="Claim", call="dynamodb:updateItem", told_by='"PROCESSING"')


def run_orders(world: World) -> list[Row]:
    """Run all of them side by side.

    Parameters
    ----------
    world : World
        The deployment.

    Returns
    -------
    list[Row]
        A row for each execution that is looked at.
    """
    runs: list[Callable[[World, str], list[Row]]] = [
        _same_event_after_the_end,
        _same_event_at_once,
        _same_event_during,
        *(_newer_while(held) for held in (_BEFORE_DEVELOP, _BEFORE_CHECK, _BEFORE_RENDER, _BEFORE_PUBLISH)),
        _older_event_late,
        _deleted_before(_BEFORE_DEVELOP),
        _deleted_before(_BEFORE_RENDER),
        _marked_deleted,
        _replaced_unversioned(_BEFORE_DEVELOP),
        _replaced_unversioned(_BEFORE_RENDER),
    ]
    with ThreadPoolExecutor(len(runs)) as pool:
        made = pool.map(lambda numbered: numbered[1](world, f"order-{numbered[0]:03}"), enumerate(runs))
        return [row for rows in made for row in rows]


def event_later_by(event: dict[str, Any], *, steps: int) -> dict[str, Any]:
    """Make the event of an upload that came so many steps later; fewer than none is earlier."""
    changed = copy.deepcopy(event)
    image = changed["detail"]["object"]
    image["sequencer"] = f"{int(image['sequencer'], 16) + steps:0{len(image['sequencer'])}X}"
    return changed


@contextmanager
def holding(world: World, *, place: str, held: _Held, times: int = 1) -> Iterator[None]:
    """Hold executions of a place's uploads before a call, until the block ends."""
    rule = Rule(
        fault=Fault.HELD, caller=STATE_MACHINE, operation=held.call, contains=(held.told_by, place), times=times
    )
    world.put_rule(place, rule)
    try:
        yield
    finally:
        world.remove_rule(place)


def wait_until_held(world: World, *, place: str, times: int = 1) -> None:
    """Wait until so many executions of a place's uploads are held."""
    world.wait_for(lambda: world.met()[place] >= times or None, what=f"{times} held call(s) of {place}")


def _row(world: World, *, scenario: Scenario, what: str, fault: str, arn: str, expected: Ending) -> Row:
    execution = world.ended(arn)
    found = look(world, workflow=scenario.workflow, execution=execution, expected=expected)
    return Row(step=what, call="-", fault=fault, expected=expected, found=found)


def _upload(world: World, scenario: Scenario, key: str, *, more: bytes = b"") -> Execution:
    etag = world.upload(scenario.workflow, key=key, body=picture(world, scenario) + more)
    return world.started_by(key=key, etag=etag)


def _same_event_after_the_end(world: World, place: str) -> list[Row]:
    first = world.ended(_upload(world, JPEG, prepare_place(world, scenario=JPEG, place=place)).arn)
    second = world.start(JPEG.workflow, event=first.event)
    fault = "the same event twice, one after the other"
    return [
        _row(world, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        _row(world, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _same_event_at_once(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=_BEFORE_CLAIM, times=2):
        first = _upload(world, JPEG, key)
        second = world.start(JPEG.workflow, event=first.event)
        wait_until_held(world, place=place, times=2)
    fault = "the same event twice at once"
    ended = [world.ended(arn) for arn in (first.arn, second)]
    # Either may be the one that claims the upload.
    winners = [execution for execution in ended if world.passed_through(execution.arn, state="Publish")]
    losers = [execution for execution in ended if execution not in winners]
    return [
        *(
            _row(world, scenario=JPEG, what="who claims it", fault=fault, arn=one.arn, expected=PUBLISHED)
            for one in winners
        ),
        *(
            _row(world, scenario=JPEG, what="who does not", fault=fault, arn=one.arn, expected=_DUPLICATE)
            for one in losers
        ),
    ]


def _same_event_during(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=_BEFORE_RENDER):
        first = _upload(world, JPEG, key)
        wait_until_held(world, place=place)
        second = world.start(JPEG.workflow, event=first.event)
        world.ended(second)
    fault = "the same event again while the first is worked on"
    return [
        _row(world, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        _row(world, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _newer_while(held: _Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=JPEG, place=place)
        with holding(world, place=place, held=held):
            older = _upload(world, JPEG, key)
            wait_until_held(world, place=place)
            newer = world.ended(_upload(world, JPEG, key, more=_NEWER).arn)
        fault = f"a newer upload of the key is published before the older one's {held.state}"
        return [
            _row(world, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=SUPERSEDED),
            _row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run


def _older_event_late(world: World, place: str) -> list[Row]:
    newer = world.ended(_upload(world, JPEG, prepare_place(world, scenario=JPEG, place=place)).arn)
    late = world.start(JPEG.workflow, event=event_later_by(newer.event, steps=-1))
    fault = "an older upload's event comes after the newer one's outcome"
    return [
        _row(world, scenario=JPEG, what="older upload", fault=fault, arn=late, expected=SUPERSEDED),
        _row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
    ]


def _deleted_before(held: _Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=JPEG, place=place)
        with holding(world, place=place, held=held):
            execution = _upload(world, JPEG, key)
            wait_until_held(world, place=place)
            bucket = world.workflows[JPEG.workflow].upload_bucket
            world.aws.s3.delete_object(Bucket=bucket, Key=key, VersionId=execution.upload["version-id"])
        fault = f"its owner deletes the object's version before {held.state}"
        return [_row(world, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=_GONE)]

    return run


def _marked_deleted(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=_BEFORE_DEVELOP):
        execution = _upload(world, JPEG, key)
        wait_until_held(world, place=place)
        world.aws.s3.delete_object(Bucket=world.workflows[JPEG.workflow].upload_bucket, Key=key)
    fault = "its owner deletes the object, whose versions stay, before Develop"
    return [_row(world, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=PUBLISHED)]


def _replaced_unversioned(held: _Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=_UNVERSIONED, place=place)
        with holding(world, place=place, held=held):
            older = _upload(world, _UNVERSIONED, key)
            wait_until_held(world, place=place)
            newer = _upload(world, _UNVERSIONED, key, more=_NEWER)
            world.ended(newer.arn)
        fault = f"replaced before {held.state}, in a bucket without versions"
        replaced = replace(SUPERSEDED, original="gone")
        return [
            _row(world, scenario=_UNVERSIONED, what="older upload", fault=fault, arn=older.arn, expected=replaced),
            _row(world, scenario=_UNVERSIONED, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run
