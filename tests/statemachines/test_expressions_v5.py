"""What workflow v5 decides, by evaluating its own expressions: routes, verdicts and redrives."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.statemachines.definitions import (
    ROOT,
    ExpressionError,
    evaluate,
    states,
    variables_read,
    ways_on,
    workflow,
)

from awskit.rekognition.analysis import analysis_of
from safelight.image_workflow.checks import Check, CheckKind, OnError
from safelight.image_workflow.routes import Route, encode_routes

V5 = workflow("v5")
STATES = V5["States"]
CATCH_ALL = ["States.ALL"]

MODERATION = {"check": "moderation", "settings": {"minConfidence": None, "allow": []}, "onError": "FAIL"}
HOSTILE = ["__proto__", "constructor", "toString", "it's", 'a "bar"', "')]", "{% 1 %}", "${Routes}", "パーク", " ", "*"]


def route_of(place_type: str | None, *, routes: Mapping[str, Route], default_route: Route | None = None) -> Any:
    encoded = encode_routes(routes, default_route=default_route)
    expression = STATES["Get place type from DynamoDB"]["Assign"]["route"].replace("${Routes}", encoded)
    result = {} if place_type is None else {"Item": {"placeType": {"S": place_type}}}
    return evaluate(expression, states={"result": result})


PARK = {"park": Route(checks=[Check.moderation()])}
UNCHECKED = Route(checks=None)


def test_a_place_type_has_its_own_route() -> None:
    assert route_of("park", routes=PARK) == {"name": "park", "checks": [MODERATION], "render": {"redact": None}}


def test_a_route_keeps_its_checks_in_order() -> None:
    kinds = [CheckKind.WORDS, CheckKind.MODERATION, CheckKind.LABELS, CheckKind.NO_PEOPLE]
    route = Route(checks=[Check(name=kind.value, settings={"kind": kind.value}) for kind in kinds])
    found = route_of("bank", routes={"bank": route})
    assert [check["check"] for check in found["checks"]] == [kind.value for kind in kinds]
    assert [check["settings"] for check in found["checks"]] == [{"kind": kind.value} for kind in kinds]


def test_a_place_types_own_route_has_priority_even_without_checks() -> None:
    found = route_of("gallery", routes={"gallery": UNCHECKED}, default_route=Route(checks=[Check.moderation()]))
    assert found == {"name": "gallery", "checks": [], "render": {"redact": None}}


@pytest.mark.parametrize("place_type", ["museum", "", None, *HOSTILE])
def test_a_place_without_a_route_takes_the_default(place_type: str | None) -> None:
    found = route_of(place_type, routes=PARK, default_route=Route(checks=[Check.moderation()]))
    assert found == {"name": "default", "checks": [MODERATION], "render": {"redact": None}}


def test_a_default_route_may_have_no_checks() -> None:
    assert route_of("museum", routes=PARK, default_route=UNCHECKED) == {
        "name": "default",
        "checks": [],
        "render": {"redact": None},
    }


def test_the_render_step_gets_the_renditions_of_the_route() -> None:
    route = Route(checks=None, renditions=["tile"])
    expected = {"renditions": ["tile"], "redact": None}
    found = route_of("bank", routes={"bank": route})
    assert found["render"] == route_of("museum", routes=PARK, default_route=route)["render"] == expected
    assert evaluate(STATES["Render"]["Arguments"]["Payload"]["render"], route=found) == expected


@pytest.mark.parametrize("place_type", ["museum", "Park", "", None, *HOSTILE])
def test_a_place_without_a_route_and_a_default_has_none(place_type: str | None) -> None:
    assert route_of(place_type, routes=PARK) is None
    assert evaluate(STATES["Route?"]["Choices"][0]["Condition"], route=None) is False


@pytest.mark.parametrize("place_type", [name for name in HOSTILE if name.strip()])
def test_a_route_may_have_any_name_but_spaces(place_type: str) -> None:
    found = route_of(place_type, routes={place_type: Route(checks=[Check.labels(required=[place_type])])})
    assert found["name"] == place_type
    assert found["checks"][0]["settings"]["required"] == [place_type]


CHECK = STATES["Checks"]["ItemProcessor"]["States"]["Check"]


def function_of(check: str, *, functions: Mapping[str, str]) -> Any:
    encoded = base64.b64encode(json.dumps(functions).encode()).decode()
    expression = CHECK["Arguments"]["FunctionName"].replace("${Checks}", encoded)
    return evaluate(expression, states={"input": {"check": check}})


@pytest.mark.parametrize("names", [["quota"], ["quota", "moderation"], HOSTILE], ids=str)
def test_a_check_is_made_by_the_function_of_its_name(names: list[str]) -> None:
    functions = {name: f"arn:{name}" for name in names}
    assert {name: function_of(name, functions=functions) for name in names} == functions


def test_the_event_of_a_check_is_the_sample_in_the_documentation() -> None:
    sample = json.loads((ROOT / "docs" / "how-to" / "check-event.json").read_text())
    image = sample["image"]
    made = {"key": image["key"], "version-id": image["versionId"], "etag": image["etag"], "size": image["size"]}
    upload = {"bucket": {"name": image["bucket"]}, "object": made | {"sequencer": image["sequencer"]}}
    found = {
        name: evaluate(
            expression,
            states={
                "context": {"Execution": {"Id": sample["execution"], "Input": {"detail": upload}}},
                "input": {"check": "quota", "settings": {"quota": 2}},
            },
            analysis=analysis_of(sample).as_json(),
        )
        for name, expression in CHECK["Arguments"]["Payload"].items()
    }
    assert found == sample


@pytest.mark.parametrize("functions", [{}, {"quota": "arn:quota"}, {"quota": "arn:quota", "words": "arn:words"}])
@pytest.mark.parametrize("name", ["moderation", *HOSTILE])
def test_a_check_that_has_no_function_raises_an_error(name: str, functions: Mapping[str, str]) -> None:
    with pytest.raises(ExpressionError, match="no check of this name"):
        function_of(name, functions=functions)


def verdict_of(answer: Any) -> Any:
    given_states = {"input": {"check": "quota", "onError": "REJECT"}, "result": {"Payload": answer}}
    return evaluate(CHECK["Output"], states=given_states)


small = st.dictionaries(
    st.text(max_size=5),
    st.text(max_size=5) | st.integers(min_value=-(2**53), max_value=2**53) | st.lists(st.text(max_size=5)),
)


@given(detail=small)
def test_an_image_that_a_check_accepts_has_no_reason(detail: dict[str, Any]) -> None:
    for reason in (None, "IGNORED", 1):
        verdict = verdict_of({"accepted": True, "reason": reason, "detail": detail})
        assert verdict == {"check": "quota", "accepted": True, "reason": None, "detail": detail}


@given(reason=st.text(min_size=1, max_size=100), detail=small)
def test_a_rejection_says_why(reason: str, detail: dict[str, Any]) -> None:
    verdict = verdict_of({"accepted": False, "reason": reason, "detail": detail})
    assert verdict == {"check": "quota", "accepted": False, "reason": reason, "detail": detail}


no_object: st.SearchStrategy[Any] = st.sampled_from([None, [], [{"accepted": True}], "true", True, 1, {}])
no_verdict = st.sampled_from(["true", 1, None, [], [True], {"accepted": True}]).map(lambda value: {"accepted": value})
no_reason: st.SearchStrategy[Any] = st.sampled_from(["", "x" * 101, None, 1, ["TOO_DARK"], {}]).map(
    lambda value: {"accepted": False, "reason": value}
)


@given(answer=st.one_of(no_object, no_verdict, no_reason))
def test_an_invalid_answer_means_that_the_check_was_not_made(answer: Any) -> None:
    verdict = verdict_of(answer)
    assert (verdict["accepted"], verdict["reason"], verdict["onError"]) == (False, "CHECK_NOT_MADE", "REJECT")
    assert verdict["detail"]["error"] == "MalformedAnswer"


@pytest.mark.parametrize("detail", [None, "text", 1, [1, 2], [{"a": 1}]], ids=str)
def test_a_detail_that_is_not_an_object_is_omitted(detail: Any) -> None:
    assert verdict_of({"accepted": True, "detail": detail})["detail"] == {}


@pytest.mark.parametrize(("characters", "kept"), [(4000, True), (4001, False)])
@pytest.mark.parametrize("letter", ["x", "ü", "\U0001f600"])
def test_a_detail_of_more_than_4000_characters_is_omitted(characters: int, *, kept: bool, letter: str) -> None:
    detail = {"a": letter * (characters - len('{"a":""}'))}
    verdict = verdict_of({"accepted": False, "reason": "LONG", "detail": detail})
    assert verdict["detail"] == (detail if kept else {"omitted": characters})


def test_the_largest_answers_of_ten_checks_fit_into_a_state_and_a_record() -> None:
    detail = {"a": "\U0001f600" * 3990}
    one = verdict_of({"accepted": False, "reason": "\U0001f600" * 100, "detail": detail})
    assert one["detail"] == detail
    # A state has 256 KiB, and a record 400 KB. The first rejection's detail is there twice.
    assert len(json.dumps([one] * 11, ensure_ascii=False).encode()) < 200_000


passed = st.just({"check": "words", "accepted": True, "reason": None})
unclear: st.SearchStrategy[Any] = st.sampled_from([False, None, "true", 1, 0, [], {}])
refused = st.fixed_dictionaries(
    {"check": st.sampled_from([kind.value for kind in CheckKind]), "reason": st.text(min_size=1)},
    optional={"accepted": unclear, "detail": st.just({"n": 1}), "onError": st.just("REJECT")},
)
unmade = st.just(
    {
        "check": "moderation",
        "accepted": False,
        "reason": "CHECK_NOT_MADE",
        "detail": {"error": "Throttled", "cause": "too fast"},
        "onError": "FAIL",
    }
)


ACCEPTED: dict[str, Any] = {"accepted": True, "reason": None, "detail": {}}


def after_checks(verdicts: list[dict[str, Any]], name: str) -> Any:
    expression = STATES["Checks"]["Assign"][name]
    return evaluate(expression, verdict=ACCEPTED, states={"result": verdicts, "context": {"Execution": {}}})


def next_state(name: str, **variables: Any) -> str:
    for choice in STATES[name]["Choices"]:
        if evaluate(choice["Condition"], **variables):
            return str(choice["Next"])
    return str(STATES[name]["Default"])


@given(verdicts=st.lists(st.one_of(passed, refused, unmade), max_size=10))
def test_only_images_that_every_check_accepts_are_published(
    verdicts: list[dict[str, Any]],
) -> None:
    verdict = after_checks(verdicts, "verdict")
    not_made = [one for one in verdicts if one.get("onError") == "FAIL"]
    refusals = [one for one in verdicts if one.get("accepted") is not True and one not in not_made]
    # One of a check that was made goes before one of a check that was not.
    rejections = sorted(refusals, key=lambda one: "onError" in one)
    assert verdict["accepted"] is (not rejections and not not_made)
    assert verdict["reason"] == (rejections[0]["reason"] if rejections else None)
    following = "RecordFailState" if rejections else "RecordError" if not_made else "Render"
    assert next_state("Verdict?", verdict=verdict) == following


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_output_of_the_checks_is_a_list_of_any_length(count: int) -> None:
    verdicts = [{"check": f"c{n}", "accepted": True, "reason": None, "detail": {"n": n}} for n in range(count)]
    listed = evaluate(STATES["Checks"]["Output"]["checks"], states={"result": verdicts})
    assert listed == [{"check": f"c{n}", "accepted": True, "reason": None} for n in range(count)]


def test_a_rejection_has_priority_over_a_check_not_made() -> None:
    unmade_first = {"accepted": False, "reason": "CHECK_NOT_MADE", "detail": {}, "onError": "REJECT"}
    unsafe = {"accepted": False, "reason": "FAILED_MODERATION", "detail": {"n": 1}}
    for verdicts in ([unmade_first, unsafe], [unsafe, unmade_first]):
        assert after_checks(verdicts, "verdict")["reason"] == "FAILED_MODERATION"
    assert after_checks([unmade_first], "verdict")["reason"] == "CHECK_NOT_MADE"


def test_the_detail_of_the_first_rejection_is_the_uploads() -> None:
    first, second = ({"accepted": False, "reason": f"R{n}", "detail": {"n": n}} for n in (1, 2))
    verdict = after_checks([{"accepted": True}, first, second], "verdict")
    assert verdict == {"accepted": False, "reason": "R1", "detail": {"n": 1}}


def test_a_failure_names_the_first_check_that_could_not_be_made() -> None:
    first, second = (
        {"check": check, "accepted": False, "onError": "FAIL", "detail": {"error": "Denied", "cause": "no"}}
        for check in ("moderation", "words")
    )
    failure = after_checks([{"accepted": True}, first, second], "failure")
    assert failure == {"name": "CheckNotMade", "cause": "moderation: Denied: no", "redrives": 0}


@pytest.mark.parametrize("on_error", OnError)
def test_a_check_that_fails_has_the_outcome_that_its_route_says(on_error: OnError) -> None:
    too_large, catch = CHECK["Catch"]
    # Step Functions does not count it among States.ALL.
    assert too_large == {**catch, "ErrorEquals": ["States.DataLimitExceeded"]}
    given_states = {
        "input": {"check": "words", "onError": on_error.value},
        "errorOutput": {"Error": "Denied", "Cause": "no"},
    }
    caught = {
        "check": evaluate(catch["Output"]["check"], states=given_states),
        "accepted": catch["Output"]["accepted"],
        "reason": catch["Output"]["reason"],
        "onError": evaluate(catch["Output"]["onError"], states=given_states),
        "detail": {name: evaluate(value, states=given_states) for name, value in catch["Output"]["detail"].items()},
    }
    assert caught["detail"] == {"error": "Denied", "cause": "no"}
    following = {OnError.FAIL: "RecordError", OnError.REJECT: "RecordFailState"}[on_error]
    assert next_state("Verdict?", verdict=after_checks([{"accepted": True}, caught], "verdict")) == following


@pytest.mark.parametrize("told", ["KEEP", "QUARANTINE", "DELETE"])
@pytest.mark.parametrize(
    "reason",
    [
        "SUPERSEDED",
        "WITHDRAWN",
        "ARCHIVED",
        "CHECK_NOT_MADE",
        "OWN_RENDITION",
        "PLACE_NOT_FOUND",
        "UNSUPPORTED_PLACE_TYPE",
    ],
)
def test_an_upload_rejected_for_anything_but_itself_is_kept(told: str, reason: str) -> None:
    expression = STATES["RecordFailState"]["Assign"]["onReject"].replace("${OnReject}", told)
    assert evaluate(expression, verdict={"reason": reason}) == "KEEP"
    assert evaluate(expression, verdict={"reason": "FAILED_MODERATION"}) == told


def test_an_image_that_prepare_rejects_is_shown_to_no_check_and_stays_rejected() -> None:
    rejected = {"accepted": False, "reason": "IMAGE_TOO_SMALL", "detail": {"width": 1}}
    route = {"checks": [MODERATION]}
    assert evaluate(STATES["Checks"]["Items"], verdict=rejected, route=route) == []
    assert evaluate(STATES["Checks"]["Items"], verdict=ACCEPTED, route=route) == [MODERATION]
    verdict = evaluate(STATES["Checks"]["Assign"]["verdict"], verdict=rejected, states={"result": []})
    assert verdict == rejected
    assert next_state("Verdict?", verdict=verdict) == "RecordFailState"


@pytest.mark.parametrize("standing", [True, False])
def test_earlier_renditions_are_withdrawn(standing: bool) -> None:  # noqa: FBT001 - a parameter of the test
    recorded = {"Attributes": {"status": {"S": "PUBLISHED"}} | ({"standing": {"S": "PUBLISHED"}} if standing else {})}
    stands = evaluate(STATES["Claim"]["Assign"]["standing"], states={"result": recorded})
    assert stands is standing
    owed = {"Attributes": {"status": {"S": "PROCESSING"}, "unpublishing": {"BOOL": True}}}
    assert evaluate(STATES["Claim"]["Assign"]["standing"], states={"result": owed}) is True
    assert STATES["Claim"]["Arguments"]["ReturnValues"] == "ALL_NEW"
    following = "Remove Rejected" if standing else "Announce Rejection"
    given_states: dict[str, Any] = {"context": {"Execution": {}}}
    found = next_state("Anything to remove?", standing=stands, rendered=False, onReject="KEEP", states=given_states)
    assert found == following


@pytest.mark.parametrize(
    ("reason", "unpublishes"),
    [
        *((reason, False) for reason in ("SUPERSEDED", "WITHDRAWN", "ARCHIVED", "CHECK_NOT_MADE")),
        *((reason, True) for reason in ("FAILED_MODERATION", "PLACE_NOT_FOUND", "UNREADABLE_IMAGE", "TOO_DARK")),
    ],
)
def test_a_published_upload_stays_published_if_a_reprocess_says_nothing_about_its_image(
    reason: str,
    *,
    unpublishes: bool,
) -> None:
    state = STATES["RecordFailState"]
    standing = evaluate(
        state["Arguments"]["ExpressionAttributeValues"][":unpublished"]["S"], verdict={"reason": reason}
    )
    assert (standing == "PUBLISHED") is unpublishes
    assert "#standing = :unpublished" in state["Arguments"]["ConditionExpression"]
    (refused,) = (catch for catch in state["Catch"] if "ConditionalCheckFailed" in catch["ErrorEquals"][0])
    assert refused["Next"] == "Release Claim"
    assert "REMOVE #claimedBy" in STATES["Release Claim"]["Arguments"]["UpdateExpression"]


@pytest.mark.parametrize(
    ("known", "following"),
    [
        ({"rendered": True}, "Remove Rejected"),
        ({"redrives": 1}, "Remove Rejected"),
        ({"redrives": 0}, "Announce Rejection"),
        ({}, "Announce Rejection"),
    ],
    ids=str,
)
def test_renditions_that_an_execution_may_have_written_are_removed_when_it_rejects(
    known: dict[str, Any], following: str
) -> None:
    execution = {"RedriveCount": known["redrives"]} if "redrives" in known else {}
    variables = {"standing": False, "rendered": known.get("rendered", False), "onReject": "KEEP"}
    assert next_state("Anything to remove?", states={"context": {"Execution": execution}}, **variables) == following


@pytest.mark.parametrize("name", ["Render", "Publish"])
def test_a_rejection_by_the_renderer_is_recognised(name: str) -> None:
    (caught,) = (catch for catch in STATES[name]["Catch"] if catch["ErrorEquals"] == ["RejectedImage"])
    assert caught["Assign"]["rendered"] is True


@pytest.mark.parametrize("removed", [[], ["a/tile.jpg"], ["a/tile.jpg", "a/scaled.jpg"]], ids=len)
def test_a_rejection_announces_the_keys_that_are_gone_however_few_there_are(removed: list[str]) -> None:
    answer = {"result": {"Payload": {"removed": removed}}}
    assert evaluate(STATES["Remove Rejected"]["Assign"]["removed"], states=answer) == removed
    announced = STATES["Announce Rejection"]["Arguments"]["Entries"][0]["Detail"]["removed"]
    assert evaluate(announced, removed=removed) == removed


@pytest.mark.parametrize(("characters", "kept"), [(4000, True), (4001, False)])
def test_a_rejection_s_detail_is_bounded_in_the_record_and_in_the_event(characters: int, *, kept: bool) -> None:
    detail = {"a": "x" * (characters - len('{"a":""}'))}
    recorded = STATES["RecordFailState"]["Arguments"]["ExpressionAttributeValues"][":detail"]["S"]
    announced = STATES["Announce Rejection"]["Arguments"]["Entries"][0]["Detail"]["detail"]
    expected = detail if kept else {"truncated": True}
    assert json.loads(evaluate(recorded, verdict={"detail": detail})) == expected
    assert evaluate(announced, verdict={"detail": detail}) == expected


def failure_caught(state: Mapping[str, Any], *, execution: Mapping[str, int]) -> Any:
    (caught,) = (catch for catch in state["Catch"] if catch["ErrorEquals"] == CATCH_ALL)
    given_states = {"errorOutput": {"Error": "Denied", "Cause": "not yours"}, "context": {"Execution": execution}}
    return evaluate(caught["Assign"]["failure"], states=given_states)


@pytest.mark.parametrize("name", ["Claim", "Prepare", "Checks", "Render", "Publish", "Remove Rejected"])
def test_a_redrive_of_a_failed_execution_starts_from_the_claim_again(name: str) -> None:
    ending = STATES["Failed"]
    (choice,) = ending["Choices"]
    assert (ending["Type"], choice["Next"]) == ("Choice", "Claim")
    for redrives in range(3):
        # Standard executions that were never redriven have the count 0, Express ones have none.
        execution = {"RedriveCount": redrives} if redrives else {}
        failure = failure_caught(STATES[name], execution=execution)
        with pytest.raises(ExpressionError, match="Denied: not yours"):
            evaluate(choice["Condition"], failure=failure, states={"context": {"Execution": execution}})
        redriven = {"context": {"Execution": {"RedriveCount": redrives + 1}}}
        assert evaluate(choice["Condition"], failure=failure, states=redriven) is True


def test_a_redriven_execution_may_claim_its_own_failed_record() -> None:
    condition = STATES["Claim"]["Arguments"]["ConditionExpression"]
    assert "#claimedBy = :executionArn OR" in condition
    assert "#status IN (:failed" in condition


@pytest.mark.parametrize("name", ["RecordFailState", "RecordError"])
def test_only_the_execution_that_holds_the_claim_records_an_outcome(name: str) -> None:
    condition = STATES[name]["Arguments"]["ConditionExpression"]
    assert "#claimedBy = :executionArn" in condition
    assert "#claimedBy" in STATES[name]["Arguments"]["UpdateExpression"].partition(" REMOVE ")[2]


@pytest.mark.parametrize(
    ("detail", "may_claim"),
    [({"reprocess": True}, {"FAILED", "PUBLISHED", "REJECTED"}), ({}, {"FAILED"})],
    ids=["a reprocess", "an upload"],
)
def test_only_a_reprocess_claims_what_has_its_outcome(detail: dict[str, Any], may_claim: set[str]) -> None:
    values = STATES["Claim"]["Arguments"]["ExpressionAttributeValues"]
    given_states = {"context": {"Execution": {"Input": {"detail": detail}}}}
    claimed = {evaluate(values[name]["S"], states=given_states) for name in (":published", ":rejected")}
    assert claimed | {values[":failed"]["S"]} == may_claim


def test_every_variable_is_assigned_on_every_way_to_where_it_is_read() -> None:
    known: dict[str, set[str]] = {V5["StartAt"]: set()}
    waiting = [V5["StartAt"]]
    while waiting:
        name = waiting.pop()
        state = STATES[name]
        ways = [(target, state.get("Assign", {})) for target in ways_on(state)]
        ways += [(catch["Next"], catch.get("Assign", {})) for catch in state.get("Catch", [])]
        for target, assigned in ways:
            there = known[name] | set(assigned)
            # What holds where two ways meet is what both assign.
            met = there & known.get(target, there)
            if known.get(target) != met:
                known[target] = met
                waiting.append(target)
    assert known.keys() == STATES.keys()
    unassigned = {name: variables_read(state) - known[name] for name, state in STATES.items()}
    assert {name: variables for name, variables in unassigned.items() if variables} == {}


def transitions(definition: Mapping[str, Any], *, last: str | None, checks: int) -> int:
    """Count the states that the shortest way to one, or to an end, enters: as Step Functions charges for them."""

    def cost(state: Mapping[str, Any]) -> int:
        if state["Type"] != "Map":
            return 1
        return 1 + checks * transitions(state["ItemProcessor"], last=None, checks=checks)

    found: dict[str, int] = {}
    ahead = [(0, definition["StartAt"])]
    while ahead:
        ahead.sort()
        before, name = ahead.pop(0)
        if name in found:
            continue
        state = definition["States"][name]
        found[name] = before + cost(state)
        if name == last or (last is None and state.get("End")):
            return found[name]
        ahead += [(found[name], target) for target in ways_on(state)]
    raise AssertionError(f"no way leads to {last}")


def test_a_published_image_of_a_park_takes_ten_transitions_and_nine_in_v4() -> None:
    in_v4 = transitions(workflow("v4"), last="Publish", checks=0)
    in_v5 = transitions(V5, last="Publish", checks=1)
    assert (in_v4, in_v5) == (9, 10)


def test_any_error_of_a_task_is_recorded_or_closes_its_check() -> None:
    for name, state in states(V5, "Task").items():
        targets = {catch["Next"] for catch in state["Catch"] if catch["ErrorEquals"] == CATCH_ALL}
        assert targets <= {"RecordError", "Check Not Made", "Announce Failure", "Failed"}, name
