"""What stays public during a newer upload, a reprocess, a deletion or a lost announcement."""

import json
from dataclasses import replace

from tools.fault_lab.event_ordering import EventOrdering
from tools.fault_lab.holding import BEFORE_CLAIM, BEFORE_PUBLISH, Held, holding, row, upload, wait_until_held
from tools.fault_lab.items import has_tombstone, let_time_pass
from tools.fault_lab.lab import DELETING, KEEPING, FaultLab
from tools.fault_lab.rules import Fault, Rule
from tools.fault_lab.run import Row, look, prepare_place, reprocessing
from tools.fault_lab.scenarios import ANY_TIMES, FAILED, JPEG, PUBLISHED, REJECTED, REJECTED_LATER, Ending

_NEWER = b"newer"
_REFUSED = replace(REJECTED, outcome="REJECTED FAILED_MODERATION")
_WITHDRAWING = replace(JPEG, name="withdrawing", workflow=DELETING)
_TAKEN_BACK = replace(PUBLISHED, outcome="WITHDRAWN", events="Image Published, Image Withdrawn", renditions=0)
# It is behind a delete marker. Only an upload that a check of the image rejects is removed.
_TOO_LATE = replace(REJECTED, outcome="REJECTED WITHDRAWN")
_BEFORE_TAKING_ASSET = Held(
    state="Remove Rejected removes the asset",
    caller=f"{KEEPING}RemoveRejected",
    call="dynamodb:TransactWriteItems",
)


def standing() -> list[EventOrdering]:
    """List the event orderings."""
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


def _newer_is_rejected(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    older = lab.ended(upload(lab, JPEG, key).arn)
    lab.refuse(place)
    newer = lab.ended(upload(lab, JPEG, key, more=_NEWER).arn)
    fault = "a newer upload of the key is rejected"
    return [
        row(lab, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=_REFUSED),
        row(lab, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]


def _newer_fails(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    older = lab.ended(upload(lab, JPEG, key).arn)
    lab.put_rule(place, _denied("Publish", "dynamodb:TransactWriteItems", place=place))
    newer = lab.ended(upload(lab, JPEG, key, more=_NEWER).arn)
    lab.remove_rule(place)
    fault = "a newer upload of the key fails"
    return [
        row(lab, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=FAILED),
        row(lab, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]


def _newer_is_published(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    older = lab.ended(upload(lab, JPEG, key).arn)
    newer = lab.ended(upload(lab, JPEG, key, more=_NEWER).arn)
    fault = "a newer upload of the key is published"
    at_once = [
        row(lab, scenario=JPEG, what="newer upload", fault=fault, arn=newer.arn, expected=PUBLISHED),
        row(lab, scenario=JPEG, what="older upload", fault=fault, arn=older.arn, expected=PUBLISHED),
    ]
    let_time_pass(lab, JPEG.workflow, key=key)
    lab.sweep(JPEG.workflow)
    gone = replace(PUBLISHED, renditions=0)
    return [
        *at_once,
        row(lab, scenario=JPEG, what="older upload, a day later", fault=fault, arn=older.arn, expected=gone),
        row(lab, scenario=JPEG, what="newer upload, a day later", fault=fault, arn=newer.arn, expected=PUBLISHED),
    ]


def _rejection_is_late(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=REJECTED_LATER, place=place)
    first = lab.ended(upload(lab, REJECTED_LATER, key).arn)
    lab.refuse(place)
    with holding(lab, place=place, held=_BEFORE_TAKING_ASSET):
        rejecting = lab.start(JPEG.workflow, event=reprocessing(first))
        wait_until_held(lab, place=place, held=_BEFORE_TAKING_ASSET, arns=[rejecting])
        lab.let_pass(place)
        publishing = lab.start(JPEG.workflow, event=reprocessing(first))
        lab.ended(publishing)
    lab.ended(rejecting)
    fault = f"another reprocess publishes before {_BEFORE_TAKING_ASSET.state}"
    # By then, the record is that of the other execution.
    late = replace(_REFUSED, outcome="PUBLISHED")
    return [
        row(lab, scenario=JPEG, what="reprocess that rejects", fault=fault, arn=rejecting, expected=late),
        row(lab, scenario=JPEG, what="reprocess that publishes", fault=fault, arn=publishing, expected=PUBLISHED),
    ]


def _deleted_after(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=_WITHDRAWING, place=place)
    older = lab.ended(upload(lab, _WITHDRAWING, key).arn)
    newer = lab.ended(upload(lab, _WITHDRAWING, key, more=_NEWER).arn)
    lab.delete(DELETING, key=key)
    deleted = "the owner deletes the object after it is published"
    # Nothing of the older upload is published any more. An event would be mistaken for one about the newer upload.
    unheard = replace(_TAKEN_BACK, events=PUBLISHED.events)
    rows = [
        row(lab, scenario=_WITHDRAWING, what=what, fault=deleted, arn=arn, expected=expected)
        for what, arn, expected in (("newer upload", newer.arn, _TAKEN_BACK), ("older upload", older.arn, unheard))
    ]
    late = lab.start(DELETING, event=newer.event)
    duplicate = replace(_TAKEN_BACK, events="-")
    fault = "the creation event arrives again after the deletion"
    return [
        *rows,
        row(lab, scenario=_WITHDRAWING, what="second event", fault=fault, arn=late, expected=duplicate),
    ]


def _deleted_during(held: Held) -> EventOrdering:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=_WITHDRAWING, place=place)
        with holding(lab, place=place, held=held):
            execution = upload(lab, _WITHDRAWING, key)
            wait_until_held(lab, place=place, held=held, arns=[execution.arn])
            lab.delete(DELETING, key=key)
            lab.wait_for(lambda: has_tombstone(lab, DELETING, key=key) or None, what=f"tombstone of {key}")
        fault = f"the owner deletes the object before {held.state}"
        return [row(lab, scenario=_WITHDRAWING, what="the upload", fault=fault, arn=execution.arn, expected=_TOO_LATE)]

    return run


def _nobody_is_told_for_a_while(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    sweeper = f"{place}-sweeper"
    lab.put_rule(place, _denied("Publish", "events:PutEvents", place=place))
    lab.put_rule(sweeper, _denied("Sweep", "events:PutEvents", place=place))
    execution = lab.ended(upload(lab, JPEG, key).arn)
    lab.wait_for(lambda: lab.met()[sweeper] or None, what=f"refused announcement of {key}")
    untold = Ending(
        outcome="PUBLISHED",
        execution="FAILED",
        events="-",
        renditions=2,
        original="kept",
        left_over="PUBLISHED was not announced",
    )
    found = look(lab, workflow=JPEG.workflow, execution=execution, expected=untold)
    lab.remove_rule(place)
    lab.remove_rule(sweeper)
    lab.sweep(JPEG.workflow)
    fault = "EventBridge refuses the event of Publish, and for a while that of the sweeper"
    # The redelivered message and the scheduled sweep may both announce it.
    announced = replace(PUBLISHED, execution="FAILED", events=f"{PUBLISHED.events}{ANY_TIMES}")
    return [
        Row(step="during the fault", call="-", fault=fault, expected=untold, found=found),
        row(lab, scenario=JPEG, what="after the fault", fault=fault, arn=execution.arn, expected=announced),
    ]


def _another_cannot_be_swept(lab: FaultLab, place: str) -> list[Row]:
    stuck = prepare_place(lab, scenario=JPEG, place=f"{place}-stuck")
    key = prepare_place(lab, scenario=JPEG, place=f"{place}-due")
    lab.put_rule(f"{place}-sweeper", _denied("Sweep", "dynamodb:Query", place=stuck))
    lab.put_rule(f"{place}-publish", _denied("Publish", "dynamodb:TransactWriteItems", place=stuck))
    failed = lab.ended(upload(lab, JPEG, stuck).arn)
    lab.wait_for(lambda: lab.met()[f"{place}-sweeper"] or None, what=f"refused sweep of {stuck}")
    older = lab.ended(upload(lab, JPEG, key).arn)
    lab.ended(upload(lab, JPEG, key, more=_NEWER).arn)
    let_time_pass(lab, JPEG.workflow, key=key)
    lab.sweep(JPEG.workflow)
    fault = "the sweeper cannot finish an execution of another key"
    due = row(
        lab,
        scenario=JPEG,
        what="older upload, a day later",
        fault=fault,
        arn=older.arn,
        expected=replace(PUBLISHED, renditions=0),
    )
    for rule in ("sweeper", "publish"):
        lab.remove_rule(f"{place}-{rule}")
    return [due, row(lab, scenario=JPEG, what="the other key, later", fault=fault, arn=failed.arn, expected=FAILED)]


def _another_version_publishes_what_is_claimed(lab: FaultLab, place: str) -> list[Row]:
    key = prepare_place(lab, scenario=JPEG, place=place)
    with holding(lab, place=place, held=BEFORE_PUBLISH):
        execution = upload(lab, JPEG, key)
        wait_until_held(lab, place=place, held=BEFORE_PUBLISH, arns=[execution.arn])
        found = execution.upload
        image = {name: found[name] for name in ("key", "etag", "size", "sequencer")}
        answer = lab.invoke(
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
            step="answer of v4's Publish",
            call="-",
            fault=fault,
            expected=nothing,
            found=replace(nothing, outcome=str(answer.get("status", json.dumps(answer)))),
        ),
        row(lab, scenario=JPEG, what="v5", fault=fault, arn=execution.arn, expected=PUBLISHED),
    ]


def _denied(function: str, call: str, *, place: str) -> Rule:
    return Rule(fault=Fault.DENIED, caller=f"{KEEPING}{function}", operation=call, contains=(place,))
