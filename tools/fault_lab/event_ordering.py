"""Events that arrive twice, late or out of order, and uploads that are deleted, replaced or changed meanwhile."""

from collections.abc import Callable
from dataclasses import replace

from tools.fault_lab.holding import (
    BEFORE_CHECK,
    BEFORE_CLAIM,
    BEFORE_PREPARE,
    BEFORE_PUBLISH,
    BEFORE_RENDER,
    Held,
    holding,
    row,
    upload,
    wait_until_held,
)
from tools.fault_lab.lab import REPLACING, FaultLab
from tools.fault_lab.run import Row, event_later_by, prepare_place
from tools.fault_lab.scenarios import JPEG, PUBLISHED, Ending

SUPERSEDED = Ending(
    outcome="REJECTED SUPERSEDED", execution="SUCCEEDED", events="Image Rejected", renditions=0, original="kept"
)
_DUPLICATE = replace(PUBLISHED, events="-", renditions=0)
_GONE = replace(SUPERSEDED, outcome="REJECTED WITHDRAWN", original="gone")
# An unversioned bucket does not keep replaced objects.
_UNVERSIONED = replace(JPEG, name="unversioned", workflow=REPLACING)
_NEWER = b"newer"


EventOrdering = Callable[[FaultLab, str], list[Row]]
"""Runs one event ordering at a place, and returns a row for each execution that it examines."""


def event_orderings() -> list[EventOrdering]:
    """List the event orderings, and the uploads that are deleted or replaced while they are processed."""
    return [
        _same_event_after_the_end,
        _same_event_at_once,
        _same_event_during,
        *(_newer_while(held) for held in (BEFORE_PREPARE, BEFORE_CHECK, BEFORE_RENDER, BEFORE_PUBLISH)),
        _older_event_late,
        _deleted_before(BEFORE_PREPARE),
        _deleted_before(BEFORE_RENDER),
        _marked_deleted,
        _replaced_unversioned(BEFORE_PREPARE),
        _replaced_unversioned(BEFORE_RENDER),
    ]


def _same_event_after_the_end(lab: FaultLab, place: str) -> list[Row]:
    first = lab.ended(upload(lab, JPEG, prepare_place(lab, scenario=JPEG, place=place)).arn)
    second = lab.start(JPEG.workflow, event=first.event)
    fault = "the same event twice, one after the other"
    return [
        row(lab, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        row(lab, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _same_event_at_once(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    with holding(lab, place=place, held=BEFORE_CLAIM, times=2):
        first = upload(lab, JPEG, key)
        second = lab.start(JPEG.workflow, event=first.event)
        wait_until_held(lab, place=place, held=BEFORE_CLAIM, arns=[first.arn, second])
    fault = "the same event twice at once"
    ended = [lab.ended(arn) for arn in (first.arn, second)]
    # Either execution can claim the upload.
    winners = [execution for execution in ended if lab.passed_through(execution.arn, state="Publish")]
    losers = [execution for execution in ended if execution not in winners]
    return [
        *(
            row(
                lab,
                scenario=JPEG,
                what="execution that claims the upload",
                fault=fault,
                arn=one.arn,
                expected=PUBLISHED,
            )
            for one in winners
        ),
        *(
            row(
                lab,
                scenario=JPEG,
                what="execution that does not claim it",
                fault=fault,
                arn=one.arn,
                expected=_DUPLICATE,
            )
            for one in losers
        ),
    ]


def _same_event_during(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    with holding(lab, place=place, held=BEFORE_RENDER):
        first = upload(lab, JPEG, key)
        wait_until_held(lab, place=place, held=BEFORE_RENDER, arns=[first.arn])
        second = lab.start(JPEG.workflow, event=first.event)
        lab.ended(second)
    fault = "the same event again during the first execution"
    return [
        row(lab, scenario=JPEG, what="first event", fault=fault, arn=first.arn, expected=PUBLISHED),
        row(lab, scenario=JPEG, what="second event", fault=fault, arn=second, expected=_DUPLICATE),
    ]


def _newer_while(held: Held) -> Callable[[FaultLab, str], list[Row]]:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=JPEG, place=place)
        with holding(lab, place=place, held=held):
            older = upload(lab, JPEG, key)
            wait_until_held(lab, place=place, held=held, arns=[older.arn])
            newer = lab.ended(upload(lab, JPEG, key, more=_NEWER).arn)
        fault = f"a newer upload of the key is published before {held.state} of the older one"
        return [
            row(lab, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=SUPERSEDED),
            row(lab, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run


def _older_event_late(lab: FaultLab, place: str) -> list[Row]:
    newer = lab.ended(upload(lab, JPEG, prepare_place(lab, scenario=JPEG, place=place)).arn)
    late = lab.start(JPEG.workflow, event=event_later_by(newer.event, steps=-1))
    fault = "the event of an older upload arrives after the outcome of the newer one"
    return [
        row(lab, scenario=JPEG, what="older upload", fault=fault, arn=late, expected=SUPERSEDED),
        row(lab, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
    ]


def _deleted_before(held: Held) -> Callable[[FaultLab, str], list[Row]]:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=JPEG, place=place)
        with holding(lab, place=place, held=held):
            execution = upload(lab, JPEG, key)
            wait_until_held(lab, place=place, held=held, arns=[execution.arn])
            lab.delete(JPEG.workflow, key=key, version_id=execution.upload["version-id"])
        fault = f"the owner deletes the object's version before {held.state}"
        return [row(lab, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=_GONE)]

    return run


def _marked_deleted(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    with holding(lab, place=place, held=BEFORE_PREPARE):
        execution = upload(lab, JPEG, key)
        wait_until_held(lab, place=place, held=BEFORE_PREPARE, arns=[execution.arn])
        lab.delete(JPEG.workflow, key=key)
    fault = "the owner deletes the object with a delete marker before Prepare"
    return [row(lab, scenario=JPEG, what="the upload", fault=fault, arn=execution.arn, expected=PUBLISHED)]


def _replaced_unversioned(held: Held) -> Callable[[FaultLab, str], list[Row]]:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=_UNVERSIONED, place=place)
        with holding(lab, place=place, held=held):
            older = upload(lab, _UNVERSIONED, key)
            wait_until_held(lab, place=place, held=held, arns=[older.arn])
            newer = upload(lab, _UNVERSIONED, key, more=_NEWER)
            lab.ended(newer.arn)
        fault = f"replaced before {held.state}, in a bucket without versions"
        replaced = replace(SUPERSEDED, original="gone")
        return [
            row(lab, scenario=_UNVERSIONED, what="older upload", fault=fault, arn=older.arn, expected=replaced),
            row(lab, scenario=_UNVERSIONED, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        ]

    return run
