"""The cases: a fault in front of each call that each step makes, and what should become of the upload."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from safelight_local.faults.rules import STATE_MACHINE, Fault, Rule
from safelight_local.faults.world import DELETING, KEEPING, QUARANTINING


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What became of an upload, or should.

    Attributes
    ----------
    outcome : str
        The status in its record, and the reason.
    execution : str
        The status of its execution.
    events : str
        The events that the execution sent.
    renditions : int
        How many objects of this very upload are left in the published bucket.
    original : str
        ``kept``, ``quarantined`` or ``gone``.
    retried : str
        What ``safelight retry`` makes of a failed upload once the fault is gone; ``-`` for any other.
    """

    outcome: str
    execution: str
    events: str
    renditions: int
    original: str
    retried: str = "-"


PUBLISHED = Ending(outcome="PUBLISHED", execution="SUCCEEDED", events="Image Published", renditions=2, original="kept")
_REJECTED = Ending(
    outcome="REJECTED IMAGE_TOO_SMALL", execution="SUCCEEDED", events="Image Rejected", renditions=0, original="kept"
)
_FAILED = Ending(outcome="FAILED", execution="FAILED", events="Image Failed", renditions=0, original="kept")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is uploaded where.

    Attributes
    ----------
    name : str
        What it is called in keys.
    workflow : str
        The workflow that it is uploaded to.
    place_type : str
        The type of its place, which chooses its checks.
    ending : Ending
        What becomes of it without a fault.
    """

    name: str
    workflow: str
    place_type: str
    ending: Ending


JPEG = Scenario(name="jpeg", workflow=KEEPING, place_type="park", ending=PUBLISHED)
PNG = Scenario(name="png", workflow=KEEPING, place_type="park", ending=PUBLISHED)
RESTAURANT = Scenario(name="restaurant", workflow=KEEPING, place_type="restaurant", ending=PUBLISHED)
KIOSK = Scenario(name="kiosk", workflow=KEEPING, place_type="kiosk", ending=PUBLISHED)
REPLACEMENT = Scenario(name="replacement", workflow=KEEPING, place_type="park", ending=PUBLISHED)
TOO_SMALL = Scenario(name="small", workflow=KEEPING, place_type="park", ending=_REJECTED)
QUARANTINED = Scenario(
    name="quarantined",
    workflow=QUARANTINING,
    place_type="park",
    ending=replace(_REJECTED, original="quarantined"),
)
DELETED = Scenario(name="deleted", workflow=DELETING, place_type="park", ending=replace(_REJECTED, original="gone"))
WITHDRAWN = Scenario(
    name="withdrawn",
    workflow=KEEPING,
    place_type="park",
    ending=replace(_REJECTED, outcome="REJECTED FAILED_MODERATION"),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault in front of one call.

    Attributes
    ----------
    step : str
        Who calls.
    call : str
        ``service:Operation``.
    fault : str
        What it meets, and how often.
    scenario : Scenario
        What is uploaded.
    rules : tuple[Rule, ...]
        The fault, and what has to break first for the call to be made; to each the upload's place is added.
    expected : Ending
        What should become of it.
    """

    step: str
    call: str
    fault: str
    scenario: Scenario
    rules: tuple[Rule, ...]
    expected: Ending


def cases() -> list[Case]:
    """List all cases."""
    return [*_of_functions(), *_of_killed_functions(), *_of_states(), *_of_failures()]


def retried(ending: Ending) -> str:
    """Tell what a retry makes of a failed upload that would have ended so without a fault."""
    return f"{ending.outcome}, {ending.renditions} renditions"


# Step, call, scenario, and how many renditions are left where it never gets through.
FUNCTION_CALLS = (
    ("Develop", "s3:GetObject", JPEG, 0),
    ("Develop", "s3:PutObject", PNG, 0),
    ("Moderation", "rekognition:DetectModerationLabels", JPEG, 0),
    ("NoPeople", "rekognition:DetectLabels", RESTAURANT, 0),
    ("Labels", "rekognition:DetectLabels", KIOSK, 0),
    ("Words", "rekognition:DetectText", KIOSK, 0),
    ("Render", "s3:GetObject", JPEG, 0),
    ("Render", "s3:PutObject", JPEG, 0),
    ("Render", "s3:HeadObject", REPLACEMENT, 0),
    ("Publish", "dynamodb:TransactWriteItems", JPEG, 2),
    ("Publish", "events:PutEvents", JPEG, 2),
    ("RemoveRejected", "dynamodb:GetItem", QUARANTINED, 0),
    ("RemoveRejected", "s3:CopyObject", QUARANTINED, 0),
    ("RemoveRejected", "s3:DeleteObject", DELETED, 0),
    ("RemoveRejected", "dynamodb:GetItem", WITHDRAWN, 2),
    ("RemoveRejected", "s3:HeadObject", WITHDRAWN, 2),
    ("RemoveRejected", "s3:DeleteObject", WITHDRAWN, 2),
    ("RemoveRejected", "dynamodb:DeleteItem", WITHDRAWN, 0),
    ("RemoveRejected", "dynamodb:UpdateItem", WITHDRAWN, 0),
)
_FUNCTION_FAULTS = (
    ("throttled 5 times", Fault.THROTTLED, 5),
    ("throttled for ever", Fault.THROTTLED, None),
    ("500, 5 times", Fault.INTERNAL_ERROR, 5),
    ("503, 9 times", Fault.UNAVAILABLE, 9),
    ("time-out, 3 times", Fault.TIMED_OUT, 3),
    ("answer broken off, 4 times", Fault.BROKEN_OFF, 4),
    ("access denied", Fault.DENIED, None),
)


def _of_functions() -> Iterator[Case]:
    for step, call, scenario, left in FUNCTION_CALLS:
        for words, fault, times in _FUNCTION_FAULTS:
            if fault is Fault.BROKEN_OFF and call == "s3:HeadObject":
                continue  # Its answer has no body.
            expected = scenario.ending if times else _failed(scenario, step=step, renditions=left)
            if (call, fault) == ("events:PutEvents", Fault.BROKEN_OFF):
                expected = replace(expected, events="Image Published (5 times)")
            yield Case(
                step=_STATES.get(step, step),
                call=call,
                fault=words,
                scenario=scenario,
                rules=(Rule(fault=fault, caller=_function(scenario, step), operation=call, contains=(), times=times),),
                expected=expected,
            )


def _of_killed_functions() -> Iterator[Case]:
    for step, call, scenario, after, left in (
        ("Render", "s3:PutObject", JPEG, 1, 1),
        ("Publish", "events:PutEvents", JPEG, 0, 2),
        ("RemoveRejected", "s3:DeleteObject", WITHDRAWN, 1, 1),
    ):
        for words, times in (("once", 1), ("each time", None)):
            expected = scenario.ending if times else _failed(scenario, step=step, renditions=left)
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
                fault=f"function killed at its {'second' if after else 'first'} call, {words}",
                scenario=scenario,
                rules=(rule,),
                expected=expected,
            )


_STATE_FAULTS = (
    ("throttled 5 times", Fault.THROTTLED, 5),
    ("throttled for ever", Fault.THROTTLED, None),
    ("500, 5 times", Fault.INTERNAL_ERROR, 5),
    ("time-out, once", Fault.TIMED_OUT, 1),
    ("answer lost, once", Fault.BROKEN_OFF, 1),
    ("access denied", Fault.DENIED, None),
)
# State, call, what tells the call from others, scenario, and how many renditions are left where it never gets through.
_STATE_CALLS = (
    ("Claim", "dynamodb:updateItem", '":status": {"S": "PROCESSING"}', JPEG, 0),
    ("Get place type from DynamoDB", "dynamodb:getItem", '"LISTING"', JPEG, 0),
    ("Develop", "lambda:invoke", "Develop", JPEG, 0),
    ("Check", "lambda:invoke", "Moderation", JPEG, 0),
    ("Render", "lambda:invoke", "Render", JPEG, 0),
    ("Publish", "lambda:invoke", "Publish", JPEG, 2),
    ("RecordFailState", "dynamodb:updateItem", '":status": {"S": "REJECTED"}', TOO_SMALL, 0),
    ("Announce Rejection", "events:putEvents", "Image Rejected", TOO_SMALL, 0),
    ("Remove Rejected", "lambda:invoke", "RemoveRejected", QUARANTINED, 0),
)


def _of_states() -> Iterator[Case]:
    for state, call, told_by, scenario, left in _STATE_CALLS:
        for words, fault, times in _STATE_FAULTS:
            expected = scenario.ending if times else _failed(scenario, step=state, renditions=left)
            # What was announced before its answer was lost is announced again.
            if fault is Fault.BROKEN_OFF and state in ("Publish", "Announce Rejection"):
                expected = replace(expected, events=f"{expected.events} (twice)")
            rule = Rule(fault=fault, caller=STATE_MACHINE, operation=call, contains=(told_by,), times=times)
            yield Case(step=state, call=call, fault=words, scenario=scenario, rules=(rule,), expected=expected)


def _of_failures() -> Iterator[Case]:
    first = Rule(
        fault=Fault.DENIED, caller=STATE_MACHINE, operation="dynamodb:getItem", contains=('"LISTING"',), times=None
    )
    failed = replace(_FAILED, retried=retried(PUBLISHED))
    for state, call, told_by, given_up in (
        (
            "RecordError",
            "dynamodb:updateItem",
            '":status": {"S": "FAILED"}',
            replace(failed, outcome="PROCESSING"),
        ),
        ("Announce Failure", "events:putEvents", "Image Failed", replace(failed, events="-")),
    ):
        for words, fault, times in _STATE_FAULTS:
            rule = Rule(fault=fault, caller=STATE_MACHINE, operation=call, contains=(told_by,), times=times)
            expected = failed if times else given_up
            if fault is Fault.BROKEN_OFF and state == "Announce Failure":
                expected = replace(expected, events="Image Failed (twice)")
            yield Case(
                step=state,
                call=call,
                fault=f"{words}, after another failure",
                scenario=JPEG,
                rules=(first, rule),
                expected=expected,
            )


_STATES = {
    "Moderation": "Check (moderation)",
    "NoPeople": "Check (no_people)",
    "Labels": "Check (labels)",
    "Words": "Check (words)",
    "RemoveRejected": "Remove Rejected",
}


def _failed(scenario: Scenario, *, step: str, renditions: int) -> Ending:
    announced = "Image Rejected, Image Failed" if step in ("RemoveRejected", "Remove Rejected") else "Image Failed"
    return replace(_FAILED, events=announced, renditions=renditions, retried=retried(scenario.ending))


def _function(scenario: Scenario, step: str) -> str:
    return f"{scenario.workflow}{step}"
