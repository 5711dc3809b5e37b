"""Events that come twice, late or in the wrong order, and uploads that are deleted, replaced or changed on the way."""

from collections.abc import Callable
from dataclasses import replace

from safelight_local.faults.holding import (
    BEFORE_CHECK,
    BEFORE_CLAIM,
    BEFORE_DEVELOP,
    BEFORE_PUBLISH,
    BEFORE_RENDER,
    Held,
    holding,
    row,
    upload,
    wait_until_held,
)
from safelight_local.faults.run import Row, event_later_by, prepare_place
from safelight_local.faults.scenarios import JPEG, PUBLISHED, Ending
from safelight_local.faults.world import REPLACING, World

SUPERSEDED = Ending(
    outcome="REJECTED SUPERSEDED", execution="SUCCEEDED", events="Image Rejected", renditions=0, original="kept"
)
_DUPLICATE = replace(PUBLISHED, events="-", renditions=0)
_GONE = replace(SUPERSEDED, outcome="REJECTED WITHDRAWN", original="gone")
# An unversioned bucket holds nothing of what was replaced.
_UNVERSIONED = replace(JPEG, name="unversioned", workflow=REPLACING)
_NEWER = b"newer"


Order = Callable[[World, str], list[Row]]
"""Runs one order of things at a place, and gives a row for each execution that is looked at."""


def orders() -> list[Order]:
    """List the orders of events, and of uploads that are deleted or replaced while they are worked on."""
    return [
        _same_event_after_the_end,
        _same_event_at_once,
        _same_event_during,
        *(_newer_while(held) for held in (BEFORE_DEVELOP, BEFORE_CHECK, BEFORE_RENDER, BEFORE_PUBLISH)),
        _older_event_late,
        _deleted_before(BEFORE_DEVELOP),
        _deleted_before(BEFORE_RENDER),
        _marked_deleted,
        _replaced_unversioned(BEFORE_DEVELOP),
        _replaced_unversioned(BEFORE_RENDER),
    ]


def _same_event_after_the_end(world: World, place: str) -> list[Row]:
    first = world.ended(upload(world, JPEG, prepare_place(world, scenario=JPEG, place=place)).arn)
    second = world.start(JPEG.workflow, event=first.event)
    fault = "the same event twice, one after the other"
    return [
        row(world, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        row(world, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _same_event_at_once(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=BEFORE_CLAIM, times=2):
        first = upload(world, JPEG, key)
        second = world.start(JPEG.workflow, event=first.event)
        wait_until_held(world, place=place, held=BEFORE_CLAIM, arns=[first.arn, second])
    fault = "the same event twice at once"
    ended = [world.ended(arn) for arn in (first.arn, second)]
    # Either may be the one that claims the upload.
    winners = [execution for execution in ended if world.passed_through(execution.arn, state="Publish")]
    losers = [execution for execution in ended if execution not in winners]
    return [
        *(
            row(world, scenario=JPEG, what="who claims it", fault=fault, arn=one.arn, expected=PUBLISHED)
            for one in winners
        ),
        *(
            row(world, scenario=JPEG, what="who does not", fault=fault, arn=one.arn, expected=_DUPLICATE)
            for one in losers
        ),
    ]


def _same_event_during(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=BEFORE_RENDER):
        first = upload(world, JPEG, key)
        wait_until_held(world, place=place, held=BEFORE_RENDER, arns=[first.arn])
        second = world.start(JPEG.workflow, event=first.event)
        world.ended(second)
    fault = "the same event again while the first is worked on"
    return [
        row(world, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        row(world, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _newer_while(held: Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=JPEG, place=place)
        with holding(world, place=place, held=held):
            older = upload(world, JPEG, key)
            wait_until_held(world, place=place, held=held, arns=[older.arn])
            newer = world.ended(upload(world, JPEG, key, more=_NEWER).arn)
        fault = f"a newer upload of the key is published before the older one's {held.state}"
        return [
            row(world, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=SUPERSEDED),
            row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run


def _older_event_late(world: World, place: str) -> list[Row]:
    newer = world.ended(upload(world, JPEG, prepare_place(world, scenario=JPEG, place=place)).arn)
    late = world.start(JPEG.workflow, event=event_later_by(newer.event, steps=-1))
    fault = "an older upload's event comes after the newer one's outcome"
    return [
        row(world, scenario=JPEG, what="older upload", fault=fault, arn=late, expected=SUPERSEDED),
        row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
    ]


def _deleted_before(held: Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=JPEG, place=place)
        with holding(world, place=place, held=held):
            execution = upload(world, JPEG, key)
            wait_until_held(world, place=place, held=held, arns=[execution.arn])
            world.delete(JPEG.workflow, key=key, version_id=execution.upload["version-id"])
        fault = f"its owner deletes the object's version before {held.state}"
        return [row(world, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=_GONE)]

    return run


def _marked_deleted(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=BEFORE_DEVELOP):
        execution = upload(world, JPEG, key)
        wait_until_held(world, place=place, held=BEFORE_DEVELOP, arns=[execution.arn])
        world.delete(JPEG.workflow, key=key)
    fault = "its owner deletes the object, whose versions stay, before Prepare"
    return [row(world, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=PUBLISHED)]


def _replaced_unversioned(held: Held) -> Callable[[World, str], list[Row]]:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=_UNVERSIONED, place=place)
        with holding(world, place=place, held=held):
            older = upload(world, _UNVERSIONED, key)
            wait_until_held(world, place=place, held=held, arns=[older.arn])
            newer = upload(world, _UNVERSIONED, key, more=_NEWER)
            world.ended(newer.arn)
        fault = f"replaced before {held.state}, in a bucket without versions"
        replaced = replace(SUPERSEDED, original="gone")
        return [
            row(world, scenario=_UNVERSIONED, what="older upload", fault=fault, arn=older.arn, expected=replaced),
            row(world, scenario=_UNVERSIONED, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run
