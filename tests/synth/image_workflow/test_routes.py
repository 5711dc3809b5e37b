"""Routes are data: what they change of a deployment, and what they do not."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight import DEFAULT_ROUTES, Check, ImageType, OnError, OnReject, Route, WorkflowVersion
from safelight.image_workflow.checks import CheckKind
from safelight.image_workflow.routes import encode_routes
from safelight_contracts.moderation import MODERATION_LABELS

PARK = Route(checks=[Check.moderation(min_confidence=60, allow=["Alcohol"])])
BAR = Route(checks=[Check.moderation(), Check.no_people(min_confidence=70)])
ID_CARD = Route(
    checks=[
        Check.labels(required=["Driving License", "Person"]),
        Check.words(required=["NEW YORK"], on_error=OnError.REJECT),
    ]
)
ALWAYS = {"Prepare", "Render", "Publish", "RemoveRejected", "Sweep"}


def machine_of(built: Any) -> dict[str, Any]:
    (machine,) = built.resources("AWS::StepFunctions::StateMachine").values()
    return dict(machine)


def decoded(text: str) -> dict[str, Any]:
    routes: dict[str, Any] = json.loads(base64.b64decode(text))
    return routes


def functions_of(built: Any) -> set[str]:
    return {name.removeprefix("Workflow")[:-8] for name in built.resources("AWS::Lambda::Function")}


def functions_of_checks(built: Any) -> dict[str, str]:
    """Which function each check has, as CloudFormation puts it together, by its construct's id."""
    encoded = machine_of(built)["DefinitionSubstitutions"]["Checks"]["Fn::Base64"]
    parts = [encoded] if isinstance(encoded, str) else encoded["Fn::Join"][1]
    # A version's logical id is that of its function, "CurrentVersion" and hashes.
    texts = [part if isinstance(part, str) else part["Ref"].split("CurrentVersion")[0] for part in parts]
    functions: dict[str, str] = json.loads("".join(texts))
    return {name: re.sub(r"[0-9A-F]{8}$", "", id).removeprefix("Workflow") for name, id in functions.items()}


def rules_of_bucket(built: Any, id: str) -> dict[str, dict[str, Any]]:
    (bucket,) = (
        bucket for name, bucket in built.resources("AWS::S3::Bucket").items() if name.startswith(f"Workflow{id}")
    )
    return {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}


def expected(route: Route) -> dict[str, Any]:
    return {
        "checks": [
            {"check": check.name, "settings": dict(check.settings), "onError": check.on_error.value}
            for check in route.checks or ()
        ],
        "render": {"redact": None} | ({} if route.renditions is None else {"renditions": list(route.renditions)}),
    }


def test_a_new_place_type_changes_only_the_routes(build: Any) -> None:
    before, after = build(routes={"bar": BAR}), build(routes={"bar": BAR, "park": PARK})
    one, other = machine_of(before), machine_of(after)
    assert one["DefinitionString"] == other["DefinitionString"] == WorkflowVersion.V5.definition.read_text()
    assert one["DefinitionSubstitutions"].pop("Routes") != other["DefinitionSubstitutions"].pop("Routes")
    assert one == other
    assert functions_of(before) == functions_of(after)


def test_routes_reach_the_state_machine_unchanged(build: Any) -> None:
    built = build(routes={"bar": BAR, "id-card": ID_CARD}, default_route=PARK)
    assert decoded(machine_of(built)["DefinitionSubstitutions"]["Routes"]) == {
        "routes": {
            "bar": {
                "checks": [
                    {
                        "check": "moderation",
                        "settings": {"minConfidence": None, "allow": []},
                        "onError": "FAIL",
                    },
                    {"check": "no_people", "settings": {"minConfidence": 70}, "onError": "FAIL"},
                ],
                "render": {"redact": None},
            },
            "id-card": {
                "checks": [
                    {
                        "check": "labels",
                        "settings": {"minConfidence": None, "required": ["Driving License", "Person"]},
                        "onError": "FAIL",
                    },
                    {
                        "check": "words",
                        "settings": {"minConfidence": None, "required": ["NEW YORK"]},
                        "onError": "REJECT",
                    },
                ],
                "render": {"redact": None},
            },
        },
        "default": {
            "checks": [
                {"check": "moderation", "settings": {"minConfidence": 60, "allow": ["Alcohol"]}, "onError": "FAIL"}
            ],
            "render": {"redact": None},
        },
    }


confidences = st.none() | st.just(0) | st.floats(min_value=1, max_value=100) | st.integers(min_value=1, max_value=100)
allowed = st.lists(st.sampled_from(MODERATION_LABELS), max_size=3)
errors = st.sampled_from(OnError)
required = st.lists(st.text(min_size=1).filter(lambda text: bool(text.strip())), min_size=1, max_size=3)
checks = st.one_of(
    st.builds(Check.moderation, min_confidence=confidences, allow=allowed, on_error=errors),
    st.builds(Check.no_people, min_confidence=confidences, on_error=errors),
    st.builds(Check.labels, required=required, min_confidence=confidences, on_error=errors),
    st.builds(Check.words, required=required, min_confidence=confidences, on_error=errors),
)


def name_and_settings(check: Check) -> str:
    """30 and 30.0 are one confidence."""
    return json.dumps([check.name, {**check.settings, "minConfidence": float(check.settings["minConfidence"] or 0)}])


different_checks = st.lists(checks, min_size=1, max_size=10, unique_by=name_and_settings)
renditions = st.none() | st.lists(st.text(), min_size=1, max_size=3)
routes = st.builds(Route, checks=st.none() | different_checks, renditions=renditions)
place_types = st.text(min_size=1).filter(lambda text: text == text.strip())


@given(given=st.dictionaries(place_types, routes, min_size=1, max_size=4), default=st.none() | routes)
def test_any_routes_survive_a_round_trip(given: dict[str, Route], default: Route | None) -> None:
    text = encode_routes(given, default_route=default)
    assert decoded(text) == {
        "routes": {place_type: expected(route) for place_type, route in given.items()},
        "default": None if default is None else expected(default),
    }


@given(given=st.dictionaries(place_types, routes, min_size=1, max_size=4))
def test_encoded_routes_can_stand_between_the_quotes_of_an_expression(given: dict[str, Route]) -> None:
    assert encode_routes(given, default_route=None).isascii()
    assert not set(encode_routes(given, default_route=None)) & set("'\"\\${}%")


@pytest.mark.parametrize(
    ("arguments", "checking"),
    [
        ({}, {"Moderation", "NoPeople"}),
        ({"routes": {"park": PARK}}, {"Moderation"}),
        ({"routes": {"id-card": ID_CARD}}, {"Labels", "Words"}),
        ({"routes": {"park": PARK}, "default_route": ID_CARD}, {"Moderation", "Labels", "Words"}),
        ({"default_route": BAR}, {"Moderation", "NoPeople"}),
        ({"routes": {"park": Route(checks=None)}}, set()),
    ],
    ids=["left out", "park", "id-card", "park and default", "default alone", "no checks"],
)
def test_only_the_steps_that_a_route_needs_are_made(build: Any, arguments: dict[str, Any], checking: set[str]) -> None:
    built = build(**arguments)
    assert functions_of(built) == ALWAYS | checking
    assert functions_of_checks(built) == {kind.value: kind.step for kind in CheckKind if kind.step in checking}


def test_omitted_routes_are_the_default_routes(build: Any) -> None:
    assert decoded(machine_of(build())["DefinitionSubstitutions"]["Routes"]) == {
        "routes": {place_type: expected(route) for place_type, route in DEFAULT_ROUTES.items()},
        "default": None,
    }


def test_with_only_a_default_route_every_place_takes_it(build: Any) -> None:
    built = build(default_route=BAR)
    assert decoded(machine_of(built)["DefinitionSubstitutions"]["Routes"]) == {
        "routes": {},
        "default": expected(BAR),
    }


def test_a_check_that_cannot_be_made_never_accepts() -> None:
    assert {check.on_error for route in DEFAULT_ROUTES.values() for check in route.checks or ()} == {OnError.FAIL}
    assert {error.value for error in OnError} == {"FAIL", "REJECT"}


def test_every_image_type_is_accepted_by_default(build: Any) -> None:
    (prepare,) = (
        function for name, function in build().resources("AWS::Lambda::Function").items() if "Prepare" in name
    )
    allowed = prepare["Environment"]["Variables"]["ALLOWED_TYPES"].split(",")
    assert allowed == [image_type.value for image_type in ImageType]


def test_images_for_the_checks_are_deleted_after_a_day(build: Any) -> None:
    assert rules_of_bucket(build(), "Analysis")["DeleteAnalysisImages"]["ExpirationInDays"] == 1


def test_a_version_without_analysis_images_has_no_analysis_bucket(build: Any) -> None:
    built = build(version=WorkflowVersion.V4)
    assert built.workflow.analysis_bucket is None
    assert len(built.resources("AWS::S3::Bucket")) == 2


def test_quarantined_objects_expire_after_30_days(build: Any) -> None:
    built = build(on_reject=OnReject.QUARANTINE)
    assert rules_of_bucket(built, "Quarantine")["EmptyQuarantine"]["ExpirationInDays"] == 30
    assert machine_of(built)["DefinitionSubstitutions"]["OnReject"] == "QUARANTINE"


@pytest.mark.parametrize("arguments", [{}, {"on_reject": OnReject.KEEP}, {"on_reject": OnReject.DELETE}], ids=str)
def test_there_is_no_quarantine_by_default(build: Any, arguments: dict[str, Any]) -> None:
    built = build(**arguments)
    assert built.workflow.quarantine_bucket is None
    assert not [name for name in built.resources("AWS::S3::Bucket") if "Quarantine" in name]
    told = arguments.get("on_reject", OnReject.KEEP).value
    assert machine_of(built)["DefinitionSubstitutions"]["OnReject"] == told
