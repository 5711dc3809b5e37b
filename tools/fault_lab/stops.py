"""Executions that are stopped during a step, while their function may continue, and how the sweeper finishes them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.fault_lab.event_ordering import EventOrdering
from tools.fault_lab.holding import (
    BEFORE_CHECK,
    BEFORE_CLAIM,
    BEFORE_PREPARE,
    BEFORE_RENDER,
    Held,
    holding,
    row,
    upload,
    wait_until_held,
)
from tools.fault_lab.items import claimant, let_time_pass, open_sets
from tools.fault_lab.lab import KEEPING, FaultLab
from tools.fault_lab.run import Row, look, prepare_place, reprocessing, start_over
from tools.fault_lab.scenarios import ANY_TIMES, FAILED, JPEG, PUBLISHED, REJECTED_LATER, Ending

from safelight_local.aws.executions import Execution

# Step Functions' event and the schedule can start two sweepers for one execution.
_STOPPED = replace(FAILED, execution="ABORTED", events=f"Image Failed{ANY_TIMES}")
_PUBLISHED = replace(PUBLISHED, execution="ABORTED", events=f"Image Published{ANY_TIMES}")
_GOING_ON_SECONDS = 15.0
_RENDER, _PUBLISH = f"{KEEPING}Render", f"{KEEPING}Publish"
_BEFORE_PLACE = Held(state="Get place type from DynamoDB", call="dynamodb:getItem", told_by='"LISTING"')
_BEFORE_ATTEMPT = Held(state="Render writes its first item", caller=_RENDER, call="dynamodb:PutItem")
_BEFORE_LAST_PUT = Held(state="Render writes its last object", caller=_RENDER, call="s3:PutObject", after=1)
_BEFORE_TRANSACTION = Held(state="Publish commits", caller=_PUBLISH, call="dynamodb:TransactWriteItems")
_BEFORE_ANNOUNCEMENT = Held(state="Publish sends the event", caller=_PUBLISH, call="events:PutEvents")
_BEFORE_REMOVAL = Held(state="Remove Rejected", call="lambda:invoke", told_by="RemoveRejected")
_BEFORE_REJECTION = Held(state="Announce Rejection", call="events:putEvents", told_by="Image Rejected")


@dataclass(frozen=True, kw_only=True)
class _Stop:
    """An execution is stopped while one of its calls is paused. The call is made after the sweeper ran.

    `swept`, `ending`: the outcome of the upload before the call is made, and after the next sweep.
    `has_gone_on`: Returns whether the effect of the call exists. None if it has no effect.
    """

    held: Held
    swept: Ending
    ending: Ending
    has_gone_on: Callable[[FaultLab, Execution], bool] | None = None


def _claimed(lab: FaultLab, execution: Execution) -> bool:
    return claimant(lab, JPEG.workflow, execution) == execution.arn


def _began(lab: FaultLab, execution: Execution) -> bool:
    return bool(open_sets(lab, JPEG.workflow, kind="ATTEMPT", key=execution.upload["key"]))


def _wrote(lab: FaultLab, execution: Execution) -> bool:
    return bool(lab.renditions(JPEG.workflow, execution))


def _announced_twice(lab: FaultLab, execution: Execution) -> bool:
    return len(lab.announced(execution.arn)) > 1


def stops() -> list[EventOrdering]:
    """List the event orderings."""
    return [
        _stopped(stop)
        for stop in (
            _Stop(
                held=BEFORE_CLAIM,
                swept=_STOPPED,
                ending=_STOPPED,
                has_gone_on=_claimed,
            ),
            *(
                _Stop(held=held, swept=_STOPPED, ending=_STOPPED)
                for held in (_BEFORE_PLACE, BEFORE_PREPARE, BEFORE_CHECK)
            ),
            _Stop(held=BEFORE_RENDER, swept=_STOPPED, ending=_STOPPED, has_gone_on=_wrote),
            _Stop(held=_BEFORE_ATTEMPT, swept=_STOPPED, ending=_STOPPED, has_gone_on=_began),
            _Stop(held=_BEFORE_LAST_PUT, swept=_STOPPED, ending=_STOPPED, has_gone_on=_wrote),
            _Stop(held=_BEFORE_TRANSACTION, swept=_STOPPED, ending=_STOPPED),
            _Stop(
                held=_BEFORE_ANNOUNCEMENT,
                swept=_PUBLISHED,
                ending=_PUBLISHED,
                has_gone_on=_announced_twice,
            ),
        )
    ] + [_stopped_while_rejecting(held) for held in (_BEFORE_REMOVAL, _BEFORE_REJECTION)]


def _stopped(stop: _Stop) -> EventOrdering:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=JPEG, place=place)
        with holding(lab, place=place, held=stop.held):
            started = upload(lab, JPEG, key)
            wait_until_held(lab, place=place, held=stop.held, arns=[started.arn])
            lab.aws.stepfunctions.stop_execution(executionArn=started.arn)
            execution = lab.ended(started.arn)
            swept = look(lab, workflow=JPEG.workflow, execution=execution, expected=stop.swept)
        _wait_until_gone_on(lab, stop=stop, execution=execution)
        let_time_pass(lab, JPEG.workflow, key=key)
        lab.sweep(JPEG.workflow)
        later = look(lab, workflow=JPEG.workflow, execution=execution, expected=stop.ending)
        lab.refuse(place)
        rejected = start_over(lab, scenario=JPEG, execution=execution)
        lab.let_pass(place)
        reprocessed = start_over(lab, scenario=JPEG, execution=execution)
        fault = f"stopped before {stop.held.state}"
        return [
            Row(step="swept while the call is paused", call="-", fault=fault, expected=stop.swept, found=swept),
            Row(
                step="swept again after the late call",
                call="-",
                fault=fault,
                expected=replace(stop.ending, rejected=JPEG.rejected, reprocessed=JPEG.reprocessed),
                found=replace(later, rejected=rejected, reprocessed=reprocessed),
            ),
        ]

    return run


def _stopped_while_rejecting(held: Held) -> EventOrdering:
    def run(lab: FaultLab, place: str) -> list[Row]:
        key = prepare_place(lab, scenario=REJECTED_LATER, place=place)
        first = lab.ended(upload(lab, REJECTED_LATER, key).arn)
        lab.refuse(place)
        with holding(lab, place=place, held=held):
            rejecting = lab.start(KEEPING, event=reprocessing(first))
            wait_until_held(lab, place=place, held=held, arns=[rejecting])
            lab.aws.stepfunctions.stop_execution(executionArn=rejecting)
            fault = f"a reprocess that rejects is stopped before {held.state}"
            expected = replace(
                REJECTED_LATER.ending, execution="ABORTED", events=f"{REJECTED_LATER.ending.events}{ANY_TIMES}"
            )
            swept = row(lab, scenario=REJECTED_LATER, what="swept", fault=fault, arn=rejecting, expected=expected)
        lab.let_pass(place)
        reprocessed = start_over(lab, scenario=REJECTED_LATER, execution=first)
        return [
            replace(
                swept,
                expected=replace(expected, reprocessed=REJECTED_LATER.reprocessed),
                found=replace(swept.found, reprocessed=reprocessed),
            )
        ]

    return run


def _wait_until_gone_on(lab: FaultLab, *, stop: _Stop, execution: Execution) -> None:
    has_gone_on = stop.has_gone_on
    if has_gone_on is not None:
        # After a redelivered message, the sweeper may have removed it before it was seen.
        lab.wait_for_at_most(lambda: has_gone_on(lab, execution), seconds=_GOING_ON_SECONDS)
