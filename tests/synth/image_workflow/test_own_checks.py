"""A function of the user's own is a check like Safelight's: the same routes, permissions and versions, and no ASL."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Stack, aws_lambda
from hypothesis import given
from hypothesis import strategies as st
from tests.statemachines.definitions import workflow
from tests.synth.image_workflow.test_least_privilege import permissions
from tests.synth.image_workflow.test_routes import decoded, functions_of_checks, machine_of

from safelight import Check, OnError, Rendition, Route, WorkflowVersion
from safelight.image_workflow.checks import CheckKind

CHECK_TIMEOUT = workflow("v5")["States"]["Checks"]["ItemProcessor"]["States"]["Check"]["TimeoutSeconds"]
STACK = Stack()


def a_function(scope: Stack, id: str, *, timeout: Duration | None = None) -> aws_lambda.Function:
    return aws_lambda.Function(
        scope,
        id,
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): return {'accepted': True}"),
        timeout=timeout,
    )


FUNCTION = a_function(STACK, "Function")


def routes_with(id: str, **arguments: Any) -> Any:
    """Make routes of a check of one's own, once there is a stack."""

    def make(stack: Stack) -> dict[str, Route]:
        function = a_function(stack, id, timeout=arguments.pop("timeout", None))
        return {"park": Route(checks=[Check.moderation(), Check.custom("quota", function=function, **arguments)])}

    return make


def test_it_is_in_its_route_with_its_settings(build: Any) -> None:
    built = build(routes=routes_with("Quota", settings={"quota": 2}, on_error=OnError.REJECT))
    checks = decoded(machine_of(built)["DefinitionSubstitutions"]["Routes"])["routes"]["park"]["checks"]
    assert checks[1] == {"check": "quota", "settings": {"quota": 2}, "onError": "REJECT"}


def test_the_definition_is_the_released_one(build: Any) -> None:
    built = build(routes=routes_with("Quota"))
    assert machine_of(built)["DefinitionString"] == WorkflowVersion.V5.definition.read_text()


def test_its_current_version_is_called(build: Any) -> None:
    built = build(routes=routes_with("Quota"))
    (version,) = (name for name in built.resources("AWS::Lambda::Version") if name.startswith("Quota"))
    assert version.startswith("QuotaCurrentVersion")
    functions = functions_of_checks(built)
    assert functions.keys() == {"moderation", "quota"}
    assert functions["quota"].startswith("Quota")


def test_the_state_machine_may_invoke_all_its_versions(build: Any) -> None:
    built = build(routes=routes_with("Quota"))
    assert ("lambda:InvokeFunction", "Quota:*") in permissions(built, "StateMachineRole")


def test_a_function_of_another_account_is_called_unchanged(build: Any) -> None:
    arn = "arn:aws:lambda:eu-west-1:444455556666:function:quota"

    def routes(stack: Stack) -> Mapping[str, Route]:
        function = aws_lambda.Function.from_function_arn(stack, "Quota", arn)
        return {"park": Route(checks=[Check.custom("quota", function=function)])}

    built = build(routes=routes)
    substitutions = machine_of(built)["DefinitionSubstitutions"]
    assert json.loads(substitutions["Checks"]["Fn::Base64"]) == {"quota": arn}
    assert ("lambda:InvokeFunction", arn) in permissions(built, "StateMachineRole")


def test_one_check_may_be_in_several_routes(build: Any) -> None:
    def routes(stack: Stack) -> Mapping[str, Route]:
        function = a_function(stack, "Quota")
        return {
            name: Route(checks=[Check.custom("quota", function=function, settings={"quota": quota})])
            for name, quota in (("park", 1), ("bar", 2))
        }

    assert functions_of_checks(build(routes=routes)).keys() == {"quota"}


def test_one_name_for_two_functions_is_rejected(build: Any) -> None:
    def routes(stack: Stack) -> Mapping[str, Route]:
        return {
            id: Route(checks=[Check.custom("quota", function=a_function(stack, id))]) for id in ("Quota", "Another")
        }

    with pytest.raises(
        ValueError, match=r"Check.custom\('quota'\) has function=Test/Quota .* Test/Another .* two names"
    ):
        build(routes=routes)


@pytest.mark.parametrize("name", ["", "Quota", "1st", "a-b", "a b", "x" * 41, "quota\n", "ü"])
def test_an_invalid_name_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters, digits and '_'"):
        Check.custom(name, function=FUNCTION)


@pytest.mark.parametrize("kind", CheckKind)
def test_the_name_of_one_of_safelights_checks_is_rejected(kind: CheckKind) -> None:
    with pytest.raises(ValueError, match=rf"'{kind.value}' is the name of one of Safelight's checks"):
        Check.custom(kind.value, function=FUNCTION)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"a": object()}, "not JSON"),
        ({"a": float("nan")}, "not JSON"),
        ({"a": float("inf")}, "not JSON"),
        ({"a": (1, 2)}, "change when they are written as JSON"),
        ({"a": "x" * 4000}, "4009 characters as JSON. The maximum is 4000"),
        ({"a": [{"b": STACK.stack_id}]}, "a token"),
        ({"a": STACK.stack_id + "/x"}, "a token"),
        ({STACK.stack_id: 1}, "a token"),
    ],
    ids=["object", "nan", "infinity", "tuple", "too large", "token", "token in text", "token as key"],
)
def test_settings_that_cannot_be_sent_are_rejected(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Check.custom("quota", function=FUNCTION, settings=settings)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=10,
)


@given(settings=st.dictionaries(st.text(), plain, max_size=3))
def test_settings_are_passed_unchanged(settings: dict[str, Any]) -> None:
    assert Check.custom("quota", function=FUNCTION, settings=settings).settings == settings


def test_a_function_that_times_out_after_its_state_is_rejected(build: Any) -> None:
    with pytest.raises(ValueError, match=rf"timeout={CHECK_TIMEOUT} seconds.*waits {CHECK_TIMEOUT} seconds"):
        build(routes=routes_with("Quota", timeout=Duration.seconds(CHECK_TIMEOUT)))


def test_a_function_that_times_out_before_its_state_is_accepted(build: Any) -> None:
    build(routes=routes_with("Quota", timeout=Duration.seconds(CHECK_TIMEOUT - 1)))


def test_a_function_of_a_custom_definition_must_time_out_before_its_states(build: Any, tmp_path: Path) -> None:
    definition = workflow("v5")
    checks = definition["States"]["Checks"]["ItemProcessor"]["States"]
    checks["Another Check"] = checks["Check"] | {"TimeoutSeconds": CHECK_TIMEOUT + 60}
    path = tmp_path / "own.asl.json"
    path.write_text(json.dumps(definition))
    with pytest.raises(ValueError, match=rf"waits {CHECK_TIMEOUT} seconds"):
        build(definition=path, routes=routes_with("Quota", timeout=Duration.seconds(CHECK_TIMEOUT)))


def test_a_route_to_a_rendition_that_is_not_made_is_rejected(build: Any) -> None:
    renditions = [Rendition(name="tile", width=100)]
    with pytest.raises(ValueError, match=r"The route of 'park' names the rendition 'large'.*Choose from \['tile'\]"):
        build(routes={"park": Route(checks=None, renditions=["tile", "large"])}, renditions=renditions)
    with pytest.raises(ValueError, match="default_route names the rendition 'large'"):
        build(default_route=Route(checks=None, renditions=["large"]), renditions=renditions)


def test_a_route_without_renditions_is_rejected() -> None:
    with pytest.raises(ValueError, match="no renditions"):
        Route(checks=None, renditions=[])
