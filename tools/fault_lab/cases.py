"""The cases: a fault in front of each call of each step, and the expected outcome of the upload."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tools.fault_lab.rules import STATE_MACHINE, Fault, Rule
from tools.fault_lab.scenarios import (
    ANY_TIMES,
    COVERED,
    DELETED,
    FAILED,
    JPEG,
    KIOSK,
    OTHER_STANDS,
    PNG,
    QUARANTINED,
    REJECTED_AGAIN,
    REJECTED_LATER,
    REPLACEMENT,
    REPROCESSED,
    RESTAURANT,
    SUPERSEDED_LATE,
    TOO_SMALL,
    WITHDRAWN,
    Ending,
    Scenario,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault in front of one call.

    `call`: ``service:Operation``.
    `rules`: the fault, and the faults that must come first for the call to be made. The upload's place is added to
    each.
    `expected`: the expected outcome.
    """

    step: str
    call: str
    fault: str
    scenario: Scenario
    rules: tuple[Rule, ...]
    expected: Ending


def cases() -> list[Case]:
    """List all cases."""
    return [*_of_functions(), *_of_killed_functions(), *_of_states(), *_of_failures(), *_of_background_functions()]


# Step, call and scenario.
FUNCTION_CALLS = (
    ("Prepare", "s3:GetObject", JPEG),
    ("Prepare", "s3:PutObject", PNG),
    ("Moderation", "rekognition:DetectModerationLabels", JPEG),
    ("NoPeople", "rekognition:DetectLabels", RESTAURANT),
    ("Labels", "rekognition:DetectLabels", KIOSK),
    ("Words", "rekognition:DetectText", KIOSK),
    ("Render", "s3:GetObject", JPEG),
    ("Render", "rekognition:DetectFaces", COVERED),
    ("Render", "rekognition:DetectText", COVERED),
    ("Render", "rekognition:DetectLabels", COVERED),
    ("Render", "dynamodb:PutItem", JPEG),
    ("Render", "s3:PutObject", JPEG),
    ("Render", "s3:PutObject", REPROCESSED),
    ("Publish", "dynamodb:GetItem", REPLACEMENT),
    ("Publish", "dynamodb:TransactWriteItems", JPEG),
    ("Publish", "dynamodb:TransactWriteItems", REPLACEMENT),
    ("Publish", "dynamodb:TransactWriteItems", REPROCESSED),
    ("Publish", "events:PutEvents", JPEG),
    ("Publish", "events:PutEvents", REPROCESSED),
    ("Publish", "dynamodb:Query", SUPERSEDED_LATE),
    ("Publish", "s3:ListObjectVersions", SUPERSEDED_LATE),
    ("Publish", "dynamodb:UpdateItem", SUPERSEDED_LATE),
    ("Publish", "s3:DeleteObjects", SUPERSEDED_LATE),
    ("RemoveRejected", "s3:CopyObject", QUARANTINED),
    ("RemoveRejected", "s3:DeleteObject", DELETED),
    ("RemoveRejected", "dynamodb:GetItem", REJECTED_LATER),
    ("RemoveRejected", "dynamodb:TransactWriteItems", REJECTED_LATER),
    ("RemoveRejected", "dynamodb:Query", REJECTED_LATER),
    ("RemoveRejected", "s3:ListObjectVersions", REJECTED_LATER),
    ("RemoveRejected", "dynamodb:UpdateItem", REJECTED_LATER),
    ("RemoveRejected", "s3:DeleteObjects", REJECTED_LATER),
)
_FUNCTION_FAULTS = (
    ("throttled 5 times", Fault.THROTTLED, 5),
    ("always throttled", Fault.THROTTLED, None),
    ("500, 5 times", Fault.INTERNAL_ERROR, 5),
    ("503, 9 times", Fault.UNAVAILABLE, 9),
    ("timeout, 3 times", Fault.TIMED_OUT, 3),
    ("connection reset during the answer, 4 times", Fault.BROKEN_OFF, 4),
    ("access denied", Fault.DENIED, None),
)


def _of_functions() -> Iterator[Case]:
    for step, call, scenario in FUNCTION_CALLS:
        for words, fault, times in _FUNCTION_FAULTS:
            expected = _ending(scenario) if times else _given_up(scenario, step=step, call=call)
            if (call, fault) == ("events:PutEvents", Fault.BROKEN_OFF):
                expected = replace(expected, events="Image Published (5 times)")
            yield Case(
                step=_STATES.get(step, step),
                call=call,
                fault=f"{words}{_OF_SCENARIO.get(scenario.name, '')}",
                scenario=scenario,
                rules=(Rule(fault=fault, caller=_function(scenario, step), operation=call, contains=(), times=times),),
                expected=expected,
            )


def _of_killed_functions() -> Iterator[Case]:
    for step, call, scenario, after in (
        ("Render", "s3:PutObject", JPEG, 1),
        ("Render", "s3:PutObject", REPROCESSED, 1),
        ("Publish", "events:PutEvents", JPEG, 0),
        ("RemoveRejected", "s3:DeleteObjects", REJECTED_LATER, 0),
    ):
        for words, times in (("once", 1), ("each time", None)):
            rule = Rule(
                fault=Fault.KILLED,
                caller=_function(scenario, step),
                operation=call,
                contains=(),
                after=after,
                times=times,
            )
            yield Case(
                step=_STATES.get(step, step),
                call=call,
                fault=f"function killed at its {'second' if after else 'first'} call, {words}"
                f"{_OF_SCENARIO.get(scenario.name, '')}",
                scenario=scenario,
                rules=(rule,),
                expected=_ending(scenario) if times else _given_up(scenario, step=step, call=call),
            )


_STATE_FAULTS = (
    ("throttled 5 times", Fault.THROTTLED, 5),
    ("always throttled", Fault.THROTTLED, None),
    ("500, 5 times", Fault.INTERNAL_ERROR, 5),
    ("timeout, once", Fault.TIMED_OUT, 1),
    ("answer lost, once", Fault.BROKEN_OFF, 1),
    ("access denied", Fault.DENIED, None),
)
# State, call, a text that distinguishes the call from others, and scenario.
_STATE_CALLS = (
    ("Claim", "dynamodb:updateItem", '":status": {"S": "PROCESSING"}', JPEG),
    ("Get place type from DynamoDB", "dynamodb:getItem", '"LISTING"', JPEG),
    ("Get place type from DynamoDB", "dynamodb:getItem", '"LISTING"', REPROCESSED),
    ("Prepare", "lambda:invoke", "Prepare", JPEG),
    ("Check", "lambda:invoke", "Moderation", JPEG),
    ("Render", "lambda:invoke", "Render", JPEG),
    ("Publish", "lambda:invoke", "Publish", JPEG),
    ("RecordFailState", "dynamodb:updateItem", '":status": {"S": "REJECTED"}', TOO_SMALL),
    ("RecordFailState", "dynamodb:updateItem", '":status": {"S": "REJECTED"}', REJECTED_LATER),
    ("Remove Rejected", "lambda:invoke", "RemoveRejected", QUARANTINED),
    ("Remove Rejected", "lambda:invoke", "RemoveRejected", REJECTED_LATER),
    ("Announce Rejection", "events:putEvents", "Image Rejected", TOO_SMALL),
    ("Announce Rejection", "events:putEvents", "Image Rejected", REJECTED_LATER),
)


def _of_states() -> Iterator[Case]:
    for state, call, told_by, scenario in _STATE_CALLS:
        for words, fault, times in _STATE_FAULTS:
            expected = _ending(scenario) if times else _given_up(scenario, step=state, call=call)
            # If the answer to a sent event is lost, the event is sent again.
            if fault is Fault.BROKEN_OFF and state in ("Publish", "Announce Rejection"):
                expected = replace(expected, events=f"{expected.events} (twice)")
            rule = Rule(fault=fault, caller=STATE_MACHINE, operation=call, contains=(told_by,), times=times)
            yield Case(
                step=state,
                call=call,
                fault=f"{words}{_OF_SCENARIO.get(scenario.name, '')}",
                scenario=scenario,
                rules=(rule,),
                expected=expected,
            )


_NO_LISTING = Rule(
    fault=Fault.DENIED, caller=STATE_MACHINE, operation="dynamodb:getItem", contains=('"LISTING"',), times=None
)
_NO_RECORD_OF_FAILURE = Rule(
    fault=Fault.DENIED,
    caller=STATE_MACHINE,
    operation="dynamodb:updateItem",
    contains=('":reason": {"NULL": true}',),
    times=None,
)


def _of_failures() -> Iterator[Case]:
    failed = _with_sequel(JPEG, FAILED)
    reprocess_failed = _with_sequel(REPROCESSED, _STANDING)
    for state, call, told_by, scenario, ending, given_up in (
        (
            "RecordError",
            "dynamodb:updateItem",
            '":reason": {"NULL": true}',
            JPEG,
            failed,
            # Sent once by the execution that failed, and once by the sweeper that recorded the failure.
            replace(failed, events="Image Failed (twice)"),
        ),
        ("RecordStandingError", "dynamodb:updateItem", '":failure"', REPROCESSED, reprocess_failed, reprocess_failed),
        ("Announce Failure", "events:putEvents", "Image Failed", JPEG, failed, failed),
        (
            "Failure Announced",
            "dynamodb:updateItem",
            '":announcedAt"',
            JPEG,
            failed,
            replace(failed, events="Image Failed (twice)"),
        ),
    ):
        for words, fault, times in _STATE_FAULTS:
            rule = Rule(fault=fault, caller=STATE_MACHINE, operation=call, contains=(told_by,), times=times)
            expected = ending if times else given_up
            if fault is Fault.BROKEN_OFF and state == "Announce Failure":
                expected = replace(expected, events="Image Failed (twice)")
            yield Case(
                step=state,
                call=call,
                fault=f"{words}, after another failure{_OF_SCENARIO.get(scenario.name, '')}",
                scenario=scenario,
                rules=(_NO_LISTING, rule),
                expected=expected,
            )


# Function, call, and scenario. The first leaves a set of renditions and a claim for the sweeper.
_BACKGROUND_CALLS = (
    ("Sweep", "dynamodb:Query", JPEG),
    ("Sweep", "s3:ListObjectVersions", JPEG),
    ("Sweep", "dynamodb:UpdateItem", JPEG),
    ("Sweep", "s3:DeleteObjects", JPEG),
    ("Sweep", "dynamodb:GetItem", JPEG),
    ("Sweep", "events:PutEvents", JPEG),
    ("Withdraw", "s3:HeadObject", WITHDRAWN),
    ("Withdraw", "dynamodb:PutItem", WITHDRAWN),
    ("Withdraw", "dynamodb:Query", WITHDRAWN),
    ("Withdraw", "dynamodb:TransactWriteItems", WITHDRAWN),
    ("Withdraw", "s3:DeleteObjects", WITHDRAWN),
    ("Withdraw", "events:PutEvents", WITHDRAWN),
    ("Withdraw", "dynamodb:UpdateItem", WITHDRAWN),
)
_BACKGROUND_FAULTS = (
    ("throttled 5 times", Fault.THROTTLED, 5),
    ("500, 5 times", Fault.INTERNAL_ERROR, 5),
    ("connection reset during the answer, 4 times", Fault.BROKEN_OFF, 4),
    ("access denied temporarily", Fault.DENIED, None),
)


def _of_background_functions() -> Iterator[Case]:
    for step, call, scenario in _BACKGROUND_CALLS:
        for words, fault, times in _BACKGROUND_FAULTS:
            if fault is Fault.BROKEN_OFF and call in ("s3:HeadObject", "events:PutEvents"):
                continue  # The answer to the first has no body, and the second sends the event again.
            rule = Rule(fault=fault, caller=_function(scenario, step), operation=call, contains=(), times=times)
            refused = Rule(
                fault=Fault.DENIED,
                caller=_function(scenario, "Publish"),
                operation="dynamodb:TransactWriteItems",
                contains=(),
            )
            broken = step == "Sweep"
            events = "Image Failed" if broken else scenario.ending.events
            ending = FAILED if broken else scenario.ending
            yield Case(
                step=step,
                call=call,
                fault=words,
                scenario=scenario,
                rules=(*((refused, _NO_RECORD_OF_FAILURE) if broken else ()), rule),
                expected=_with_sequel(scenario, replace(ending, events=f"{events}{ANY_TIMES}")),
            )


_STATES = {
    "Moderation": "Check (moderation)",
    "NoPeople": "Check (no_people)",
    "Labels": "Check (labels)",
    "Words": "Check (words)",
    "RemoveRejected": "Remove Rejected",
}


# A reprocess that fails leaves the published renditions.
_STANDING = Ending(outcome="PUBLISHED", execution="FAILED", events="-", renditions=0, original="kept")
# Suffixes that distinguish the rows of one call.
_OF_SCENARIO = {
    COVERED.name: ", of a route that redacts",
    REPLACEMENT.name: ", of a newer upload",
    REPROCESSED.name: ", of a reprocess",
    SUPERSEDED_LATE.name: ", of an older upload that arrives late",
    REJECTED_LATER.name: ", of a reprocess that rejects",
}


def _ending(scenario: Scenario) -> Ending:
    return _with_sequel(scenario, scenario.ending)


def _with_sequel(scenario: Scenario, ending: Ending) -> Ending:
    return replace(ending, rejected=scenario.rejected, reprocessed=scenario.reprocessed)


def _given_up(scenario: Scenario, *, step: str, call: str) -> Ending:
    """Return the expected outcome, after the sweeper ran, if a call always fails."""
    if step in ("RemoveRejected", "Remove Rejected", "Announce Rejection"):
        # The rejection is recorded and does not change. The sweeper announces it, and does not move the original.
        rejected = _with_sequel(scenario, replace(scenario.ending, execution="FAILED"))
        if scenario.ending.original == "kept" or step == "Announce Rejection":
            return rejected
        return replace(rejected, original="kept", rejected=REJECTED_AGAIN)
    if call == "events:PutEvents":
        # It is published, and that does not change.
        return _with_sequel(scenario, replace(scenario.ending, execution="FAILED"))
    if scenario in (REPROCESSED, REJECTED_LATER):
        return _with_sequel(scenario, _STANDING)
    failed = _with_sequel(scenario, FAILED)
    # The older upload stays public.
    return replace(failed, rejected=OTHER_STANDS) if scenario == REPLACEMENT else failed


def _function(scenario: Scenario, step: str) -> str:
    return f"{scenario.workflow}{step}"
