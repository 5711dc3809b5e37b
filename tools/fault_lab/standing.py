"""What is public while a newer upload, a reprocess, a deletion or a lost announcement changes it."""

import json
from dataclasses import replace

from tools.fault_lab.event_ordering import Order
from tools.fault_lab.holding import BEFORE_CLAIM, BEFORE_PUBLISH, Held, holding, row, upload, wait_until_held
from tools.fault_lab.items import has_tombstone, let_time_pass
from tools.fault_lab.lab import DELETING, KEEPING, World
from tools.fault_lab.rules import Fault, Rule
from tools.fault_lab.run import Row, look, prepare_place, reprocessing
from tools.fault_lab.scenarios import FAILED, JPEG, PUBLISHED, REJECTED, REJECTED_LATER, Ending

_NEWER = b"newer"
_REFUSED = replace(REJECTED, outcome="REJECTED FAILED_MODERATION")
_WITHDRAWING = replace(JPEG, name="withdrawing", workflow=DELETING)
_TAKEN_BACK = replace(PUBLISHED, outcome="WITHDRAWN", events="Image Published, Image Withdrawn", renditions=0)
# It is behind a delete marker: only what a look at the image rejects is removed.
_TOO_LATE = replace(REJECTED, outcome="REJECTED WITHDRAWN")
_BEFORE_TAKING_ASSET = Held(
    state="Remove Rejected takes the asset away",
    caller=f"{KEEPING}RemoveRejected",
    call="dynamodb:TransactWriteItems",
)


def standing() -> list[Order]:
    """List the orders."""
    return [
        _newer_is_rejected,
        _newer_fails,
        _newer_is_published,
        _rejection_is_late,
        _deleted_after,
        _deleted_during(BEFORE_CLAIM),
        _deleted_during(BEFORE_PUBLISH),
        _nobody_is_told_for_a_while,
        _another_cannot_be_swept,
        _another_version_publishes_what_is_claimed,
    ]


def _newer_is_rejected(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    older = world.ended(upload(world, JPEG, key).arn)
    world.refuse(place)
    newer = world.ended(upload(world, JPEG, key, more=_NEWER).arn)
    fault = "a newer upload of the key is rejected"
    return [
        row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=_REFUSED),
        row(world, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]


def _newer_fails(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    older = world.ended(upload(world, JPEG, key).arn)
    world.put_rule(place, _denied("Publish", "dynamodb:TransactWriteItems", place=place))
    newer = world.ended(upload(world, JPEG, key, more=_NEWER).arn)
    world.remove_rule(place)
    fault = "a newer upload of the key fails"
    return [
        row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=FAILED),
        row(world, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]


def _newer_is_published(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    older = world.ended(upload(world, JPEG, key).arn)
    newer = world.ended(upload(world, JPEG, key, more=_NEWER).arn)
    fault = "a newer upload of the key is published"
    at_once = [
        row(world, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        row(world, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]
    let_time_pass(world, JPEG.workflow, key=key)
    world.sweep(JPEG.workflow)
    gone = replace(PUBLISHED, renditions=0)
    return [
        *at_once,
        row(world, scenario=JPEG, what="older upload, a day later", fault=fault, arn=older.arn, expected=gone),
        row(world, scenario=JPEG, what="newer upload, a day later", fault=fault, arn=newer.arn, expected=PUBLISHED),
    ]


def _rejection_is_late(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=REJECTED_LATER, place=place)
    first = world.ended(upload(world, REJECTED_LATER, key).arn)
    world.refuse(place)
    with holding(world, place=place, held=_BEFORE_TAKING_ASSET):
        rejecting = world.start(JPEG.workflow, event=reprocessing(first))
        wait_until_held(world, place=place, held=_BEFORE_TAKING_ASSET, arns=[rejecting])
        world.let_pass(place)
        publishing = world.start(JPEG.workflow, event=reprocessing(first))
        world.ended(publishing)
    world.ended(rejecting)
    fault = f"another reprocess publishes before {_BEFORE_TAKING_ASSET.state}"
    # Its record is the other's by then.
    late = replace(_REFUSED, outcome="PUBLISHED")
    return [
        row(world, scenario=JPEG, what="reprocess that rejects", fault=fault, arn=rejecting, expected=late),
        row(world, scenario=JPEG, what="reprocess that publishes", fault=fault, arn=publishing, expected=PUBLISHED),
    ]


def _deleted_after(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=_WITHDRAWING, place=place)
    older = world.ended(upload(world, _WITHDRAWING, key).arn)
    newer = world.ended(upload(world, _WITHDRAWING, key, more=_NEWER).arn)
    world.delete(DELETING, key=key)
    deleted = "its owner deletes the object after it is published"
    # Nobody shows anything of the older one any more: an event would be taken for one on the newer.
    unheard = replace(_TAKEN_BACK, events=PUBLISHED.events)
    rows = [
        row(world, scenario=_WITHDRAWING, what=what, fault=deleted, arn=arn, expected=expected)
        for what, arn, expected in (("newer upload", newer.arn, _TAKEN_BACK), ("older upload", older.arn, unheard))
    ]
    late = world.start(DELETING, event=newer.event)
    duplicate = replace(_TAKEN_BACK, events="-")
    fault = "the creation event comes again after the deletion"
    return [
        *rows,
        row(world, scenario=_WITHDRAWING, what="second event", fault=fault, arn=late, expected=duplicate),
    ]


def _deleted_during(held: Held) -> Order:
    def run(world: World, place: str) -> list[Row]:
        key = prepare_place(world, scenario=_WITHDRAWING, place=place)
        with holding(world, place=place, held=held):
            execution = upload(world, _WITHDRAWING, key)
            wait_until_held(world, place=place, held=held, arns=[execution.arn])
            world.delete(DELETING, key=key)
            world.wait_for(lambda: has_tombstone(world, DELETING, key=key) or None, what=f"tombstone of {key}")
        fault = f"its owner deletes the object before {held.state}"
        return [
            row(world, scenario=_WITHDRAWING, what="the upload", fault=fault, arn=execution.arn, expected=_TOO_LATE)
        ]

    return run


def _nobody_is_told_for_a_while(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    sweeper = f"{place}-sweeper"
    world.put_rule(place, _denied("Publish", "events:PutEvents", place=place))
    world.put_rule(sweeper, _denied("Sweep", "events:PutEvents", place=place))
    execution = world.ended(upload(world, JPEG, key).arn)
    world.wait_for(lambda: world.met()[sweeper] or None, what=f"refused announcement of {key}")
    untold = Ending(
        outcome="PUBLISHED",
        execution="FAILED",
        events="-",
        renditions=2,
        original="kept",
        left_over="PUBLISHED was not told",
    )
    found = look(world, workflow=JPEG.workflow, execution=execution, expected=untold)
    world.remove_rule(place)
    world.remove_rule(sweeper)
    world.sweep(JPEG.workflow)
    fault = "EventBridge takes no event from Publish, nor from the sweeper for a while"
    told = replace(PUBLISHED, execution="FAILED")
    return [
        Row(step="meanwhile", call="-", fault=fault, expected=untold, found=found),
        row(world, scenario=JPEG, what="afterwards", fault=fault, arn=execution.arn, expected=told),
    ]


def _another_cannot_be_swept(world: World, place: str) -> list[Row]:
    stuck = prepare_place(world, scenario=JPEG, place=f"{place}-stuck")
    key = prepare_place(world, scenario=JPEG, place=f"{place}-due")
    world.put_rule(f"{place}-sweeper", _denied("Sweep", "dynamodb:Query", place=stuck))
    world.put_rule(f"{place}-publish", _denied("Publish", "dynamodb:TransactWriteItems", place=stuck))
    failed = world.ended(upload(world, JPEG, stuck).arn)
    world.wait_for(lambda: world.met()[f"{place}-sweeper"] or None, what=f"refused sweep of {stuck}")
    older = world.ended(upload(world, JPEG, key).arn)
    world.ended(upload(world, JPEG, key, more=_NEWER).arn)
    let_time_pass(world, JPEG.workflow, key=key)
    world.sweep(JPEG.workflow)
    fault = "the sweeper cannot finish an execution of another key"
    due = row(
        world,
        scenario=JPEG,
        what="older upload, a day later",
        fault=fault,
        arn=older.arn,
        expected=replace(PUBLISHED, renditions=0),
    )
    for rule in ("sweeper", "publish"):
        world.remove_rule(f"{place}-{rule}")
    return [due, row(world, scenario=JPEG, what="the other, later", fault=fault, arn=failed.arn, expected=FAILED)]


def _another_version_publishes_what_is_claimed(world: World, place: str) -> list[Row]:
    key = prepare_place(world, scenario=JPEG, place=place)
    with holding(world, place=place, held=BEFORE_PUBLISH):
        execution = upload(world, JPEG, key)
        wait_until_held(world, place=place, held=BEFORE_PUBLISH, arns=[execution.arn])
        found = execution.upload
        image = {name: found[name] for name in ("key", "etag", "size", "sequencer")}
        answer = world.invoke(
            JPEG.workflow,
            "Publish",
            payload={
                "image": {**image, "bucket": execution.event["detail"]["bucket"]["name"]},
                "execution": f"{execution.arn}-of-another-version",
                "redrives": 0,
                "version": "v4",
                "dimensions": {"width": 1, "height": 1, "type": "jpeg"},
                "renditions": [],
            },
        )
    fault = "v4 publishes the upload that v5 has claimed"
    nothing = Ending(outcome="PROCESSING", execution="-", events="-", renditions=0, original="-")
    return [
        Row(
            step="what v4's Publish answers",
            call="-",
            fault=fault,
            expected=nothing,
            found=replace(nothing, outcome=str(answer.get("status", json.dumps(answer)))),
        ),
        row(world, scenario=JPEG, what="v5", fault=fault, arn=execution.arn, expected=PUBLISHED),
    ]


def _denied(function: str, call: str, *, place: str) -> Rule:
    return Rule(fault=Fault.DENIED, caller=f"{KEEPING}{function}", operation=call, contains=(place,))
