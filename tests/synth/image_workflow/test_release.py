"""What makes a new version, what makes none, and how the alias moves to it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Environment, Stack, aws_lambda, aws_stepfunctions
from hypothesis import given
from hypothesis import strategies as st

from safelight import Check, DeploymentType, ImageType, OnReject, Release, Rendition, Route, WorkflowVersion

ECHO = "def handler(event, context): return event"


def own(stack: Stack, *, code: str = ECHO, **settings: Any) -> aws_lambda.Function:
    return aws_lambda.Function(
        stack,
        "Stamp",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline(code),
        **settings,
    )


def definition(folder: Path, *, comment: str = "") -> Path:
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    arguments = {"FunctionName": "${StampFunctionArn}", "Payload": {}}
    path = folder / "own.asl.json"
    path.write_text(
        json.dumps(
            {
                "Comment": comment,
                "QueryLanguage": "JSONata",
                "TimeoutSeconds": 3600,
                "StartAt": "Stamp",
                "States": {"Stamp": state | {"Arguments": arguments}},
            }
        )
    )
    return path


def revision(built: Any) -> dict[str, Any]:
    """All that Step Functions takes into a revision; a version is published for each new one."""
    (machine,) = built.resources("AWS::StepFunctions::StateMachine").values()
    return dict(machine)


def only(built: Any, kind: str) -> tuple[str, dict[str, Any]]:
    (found,) = built.template.find_resources(f"AWS::StepFunctions::{kind}").items()
    return found[0], found[1]


def invoked_by_the_state_machine(built: Any) -> list[Any]:
    (policy,) = (it for name, it in built.resources("AWS::IAM::Policy").items() if "StateMachineRole" in name)
    return [it["Resource"] for it in policy["PolicyDocument"]["Statement"] if it["Action"] == "lambda:InvokeFunction"]


Stamped = Callable[..., Any]


@pytest.fixture
def stamped(build: Any, tmp_path: Path) -> Stamped:
    """Build a workflow of a user's own with one function of theirs."""

    def build_stamped(*, comment: str = "", **function: Any) -> Any:
        return build(
            definition=definition(tmp_path, comment=comment),
            functions=lambda stack: {"Stamp": own(stack, **function)},
        )

    return build_stamped


def test_the_version_follows_the_revision_of_the_state_machine(build: Any) -> None:
    built = build(version=WorkflowVersion.V1)
    machine, _ = only(built, "StateMachine")
    _, version = only(built, "StateMachineVersion")
    assert version["Properties"] == {
        "StateMachineArn": {"Ref": machine},
        "StateMachineRevisionId": {"Fn::GetAtt": [machine, "StateMachineRevisionId"]},
    }


@pytest.mark.parametrize("version", [WorkflowVersion.V4, WorkflowVersion.V5])
def test_an_unchanged_workflow_yields_no_new_version(build_own: Any, version: WorkflowVersion) -> None:
    one, other = build_own(version=version), build_own(version=version)
    assert one.template.to_json() == other.template.to_json()


def test_another_definition_yields_a_new_version(stamped: Stamped) -> None:
    assert revision(stamped(comment="first")) != revision(stamped(comment="second"))


def test_other_code_of_a_function_yields_a_new_version(stamped: Stamped) -> None:
    assert revision(stamped(code=ECHO)) != revision(stamped(code=f"{ECHO} or {{}}"))


@pytest.mark.parametrize(
    ("version", "settings"),
    [
        (WorkflowVersion.V3, {"min_pixels": 640}),
        (WorkflowVersion.V3, {"allowed_types": [ImageType.PNG]}),
        (WorkflowVersion.V2, {"min_confidence": 80}),
        (WorkflowVersion.V1, {"renditions": [Rendition(name="small", width=100)]}),
        (WorkflowVersion.V1, {"published_prefix": "published/"}),
        (WorkflowVersion.V1, {"key_prefix": "incoming/"}),
        (WorkflowVersion.V5, {"min_pixels": 640}),
        (WorkflowVersion.V5, {"allowed_types": [ImageType.PNG]}),
        (WorkflowVersion.V5, {"renditions": [Rendition(name="small", width=100)]}),
        (WorkflowVersion.V5, {"routes": {"park": Route(checks=[Check.moderation(min_confidence=60)])}}),
        (WorkflowVersion.V5, {"default_route": Route(checks=[Check.moderation()])}),
        (WorkflowVersion.V5, {"on_reject": OnReject.DELETE}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value.value,
)
def test_another_setting_yields_a_new_version(build: Any, version: WorkflowVersion, settings: dict[str, Any]) -> None:
    assert revision(build(version=version)) != revision(build(version=version, **settings))


def test_routes_in_another_order_yield_no_new_version(build: Any) -> None:
    park, bar = Route(checks=[Check.moderation()]), Route(checks=[Check.moderation(), Check.no_people()])
    one, other = build(routes={"park": park, "bar": bar}), build(routes={"bar": bar, "park": park})
    assert revision(one) == revision(other)


def test_another_order_of_a_route_s_checks_yields_a_new_version(build: Any) -> None:
    checks = [Check.moderation(), Check.no_people()]
    one, other = (build(routes={"bar": Route(checks=order)}) for order in (checks, checks[::-1]))
    assert revision(one) != revision(other)


def test_another_layer_yields_a_new_version_with_any_flags_of_the_app(
    build_own: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from safelight.core import layers

    def layer(name: str) -> Callable[..., aws_lambda.Code]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "module.py").write_text(f"name = {name!r}")
        return lambda *_, **__: aws_lambda.Code.from_asset(str(tmp_path / name))

    monkeypatch.setattr(layers, "layer_code", layer("before"))
    before = revision(build_own(version=WorkflowVersion.V1))
    monkeypatch.setattr(layers, "layer_code", layer("after"))
    assert revision(build_own(version=WorkflowVersion.V1)) != before


def test_changing_the_release_type_publishes_no_new_version(build: Any) -> None:
    gradual = Release.canary(percent=10, bake=Duration.minutes(10))
    assert revision(build(version=WorkflowVersion.V1)) == revision(build(version=WorkflowVersion.V1, release=gradual))


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_a_released_definition_calls_only_published_functions(build: Any, version: WorkflowVersion) -> None:
    built = build(version=version)
    published = built.resources("AWS::Lambda::Version")
    called = {
        name: json.dumps(value)
        for name, value in revision(built)["DefinitionSubstitutions"].items()
        if "FunctionArn" in name or name == "Checks"
    }
    # Steps that a definition names by placeholder, and the checks that it looks up.
    found = [name for text in called.values() for name in re.findall(r'"(?:Ref|Fn::GetAtt)": \[?"(\w+)"', text)]
    assert sorted(found) == sorted(published)


def test_a_custom_function_is_called_at_its_version(stamped: Stamped) -> None:
    built = stamped()
    (version,) = built.resources("AWS::Lambda::Version")
    assert revision(built)["DefinitionSubstitutions"]["StampFunctionArn"] == {"Ref": version}


def test_previous_versions_may_still_be_invoked(stamped: Stamped) -> None:
    built = stamped()
    (function,) = (name for name in built.resources("AWS::Lambda::Function") if "Sweep" not in name)
    every_version = {"Fn::Join": ["", [{"Fn::GetAtt": [function, "Arn"]}, ":*"]]}
    assert invoked_by_the_state_machine(built) == [every_version]


def test_an_alias_of_the_user_is_called_unchanged(build: Any, tmp_path: Path) -> None:
    def aliased(stack: Stack) -> dict[str, aws_lambda.IFunction]:
        return {"Stamp": aws_lambda.Alias(stack, "Chosen", alias_name="chosen", version=own(stack).current_version)}

    built = build(definition=definition(tmp_path), functions=aliased)
    (alias,) = built.resources("AWS::Lambda::Alias")
    assert revision(built)["DefinitionSubstitutions"]["StampFunctionArn"] == {"Ref": alias}
    assert {"Ref": alias} in invoked_by_the_state_machine(built)


def test_a_function_of_another_stack_is_called_unchanged(build: Any, tmp_path: Path) -> None:
    def elsewhere(stack: Stack) -> dict[str, aws_lambda.IFunction]:
        return {"Stamp": own(Stack(stack, "Elsewhere", env=Environment(account=stack.account, region=stack.region)))}

    built = build(definition=definition(tmp_path), functions=elsewhere)
    assert built.resources("AWS::Lambda::Version") == {}


def test_previous_versions_are_kept(build: Any) -> None:
    built = build(version=WorkflowVersion.V4)
    _, version = only(built, "StateMachineVersion")
    assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Retain", "Retain")
    functions = built.template.find_resources("AWS::Lambda::Version").values()
    assert {(it["DeletionPolicy"], it["UpdateReplacePolicy"]) for it in functions} == {
        ("RetainExceptOnCreate", "Retain")
    }


def test_the_rule_starts_the_alias(build: Any) -> None:
    built = build()
    alias, _ = only(built, "StateMachineAlias")
    rule = built.resource("AWS::Events::Rule", "Uploaded")
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": alias}
    assert "DeadLetterConfig" in target


def test_the_rule_waits_for_the_permission_to_start_the_alias(build: Any) -> None:
    built = build()
    (rule,) = (it for name, it in built.template.find_resources("AWS::Events::Rule").items() if "Uploaded" in name)
    policies = {name for name in built.resources("AWS::IAM::Policy") if "UploadedStarterRole" in name}
    assert len(policies) == 1
    assert policies <= set(rule["DependsOn"])


def test_the_alias_is_an_attribute_of_the_workflow(build: Any) -> None:
    built = build()
    alias, _ = only(built, "StateMachineAlias")
    assert built.stack.resolve(built.workflow.live.ref) == {"Ref": alias}
    assert built.workflow.live.name == "live"


def test_another_type_makes_another_state_machine_because_an_alias_cannot_move_between_them(build: Any) -> None:
    standard, express = (
        {name: resource["Type"] for name, resource in build(type=kind).template.to_json()["Resources"].items()}
        for kind in (aws_stepfunctions.StateMachineType.STANDARD, aws_stepfunctions.StateMachineType.EXPRESS)
    )
    for kind in ("StateMachine", "StateMachineVersion", "StateMachineAlias"):
        ids = [
            {it for it in resources if resources[it] == f"AWS::StepFunctions::{kind}"}
            for resources in (standard, express)
        ]
        assert [len(found) for found in ids] == [1, 1]
        assert ids[0].isdisjoint(ids[1])
    new = {re.sub("[0-9A-F]{8}$", "", name) for name in express.keys() - standard.keys()}
    assert new == {
        "WorkflowExpressStateMachine",
        "WorkflowExpressStateMachineRole",
        "WorkflowExpressStateMachineRoleDefaultPolicy",
        "WorkflowExpressLive",
        "WorkflowExpressLiveVersion",
    }


def test_the_default_release_moves_all_at_once_without_an_alarm(build: Any) -> None:
    built = build()
    version, _ = only(built, "StateMachineVersion")
    _, alias = only(built, "StateMachineAlias")
    assert alias["Properties"]["Name"] == "live"
    assert alias["Properties"]["DeploymentPreference"] == {
        "StateMachineVersionArn": {"Ref": version},
        "Type": "ALL_AT_ONCE",
    }
    assert built.resources("AWS::CloudWatch::Alarm") == {}


@pytest.mark.parametrize(
    ("release", "preference"),
    [
        (
            Release.canary(percent=10, bake=Duration.hours(1)),
            {"Type": "CANARY", "Percentage": 10, "Interval": 60},
        ),
        (
            Release.linear(percent=25, interval=Duration.minutes(5)),
            {"Type": "LINEAR", "Percentage": 25, "Interval": 5},
        ),
    ],
    ids=["canary", "linear"],
)
def test_a_gradual_release_is_rolled_back_by_the_workflows_own_alarm(
    build: Any, release: Release, preference: dict[str, Any]
) -> None:
    built = build(release=release)
    version, _ = only(built, "StateMachineVersion")
    _, alias = only(built, "StateMachineAlias")
    alarms = built.resources("AWS::CloudWatch::Alarm")
    assert alias["Properties"]["DeploymentPreference"] == preference | {
        "StateMachineVersionArn": {"Ref": version},
        "Alarms": [{"Ref": alarm} for alarm in alarms],
    }


@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut"])
def test_the_first_execution_that_fails_or_times_out_alarms(build: Any, metric: str) -> None:
    built = build(release=Release.canary(percent=10, bake=Duration.minutes(10)))
    machine, _ = only(built, "StateMachine")
    (alarm,) = (it for it in built.resources("AWS::CloudWatch::Alarm").values() if it["MetricName"] == metric)
    assert (alarm["Namespace"], alarm["Statistic"], alarm["Period"]) == ("AWS/States", "Sum", 60)
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert alarm["TreatMissingData"] == "notBreaching"
    # CloudFormation polls about once a minute, so the alarm must last for longer than that.
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (5, 1)


@given(percent=st.integers(min_value=1, max_value=99), minutes=st.integers(min_value=1, max_value=2100))
def test_every_share_and_wait_that_cloudformation_takes_is_accepted(percent: int, minutes: int) -> None:
    release = Release.canary(percent=percent, bake=Duration.minutes(minutes))
    assert (release.percent, release.minutes) == (percent, minutes)


@given(percent=st.integers(min_value=1, max_value=99), minutes=st.integers(min_value=1, max_value=2100))
def test_a_linear_release_is_refused_if_its_increments_together_take_longer_than_2100_minutes(
    percent: int, minutes: int
) -> None:
    increments = len(range(0, 100, percent))
    if increments * minutes <= 2100:
        Release.linear(percent=percent, interval=Duration.minutes(minutes))
        return
    with pytest.raises(ValueError, match=f"{increments * minutes} minutes, and CloudFormation allows 2100"):
        Release.linear(percent=percent, interval=Duration.minutes(minutes))


def test_the_message_about_a_long_linear_release_names_the_longest_interval() -> None:
    with pytest.raises(ValueError, match=r"100 increments.*6000 minutes.*at most 21 minutes"):
        Release.linear(percent=1, interval=Duration.hours(1))


@pytest.mark.parametrize("percent", [-1, 0, 100])
def test_a_share_of_0_or_100_percent_is_rejected(percent: int) -> None:
    with pytest.raises(ValueError, match=rf"percent={percent} must be 1 to 99.*Release\.all_at_once"):
        Release.canary(percent=percent, bake=Duration.minutes(10))
    with pytest.raises(ValueError, match=rf"percent={percent} must be 1 to 99"):
        Release.linear(percent=percent, interval=Duration.minutes(10))


@pytest.mark.parametrize(("wait", "told"), [(Duration.minutes(0), "not 0"), (Duration.hours(36), "not 2160")])
def test_a_wait_beyond_cloudformations_bounds_is_rejected(wait: Duration, told: str) -> None:
    with pytest.raises(ValueError, match=f"1 to 2100 minutes.*{told}"):
        Release.canary(percent=10, bake=wait)


def test_a_wait_of_part_of_a_minute_is_rejected_by_the_arguments_name() -> None:
    with pytest.raises(ValueError, match="bake is 90 seconds"):
        Release.canary(percent=10, bake=Duration.seconds(90))
    with pytest.raises(ValueError, match="interval is 90 seconds"):
        Release.linear(percent=10, interval=Duration.seconds(90))


@pytest.mark.parametrize(
    "parts",
    [
        {"type": DeploymentType.ALL_AT_ONCE, "percent": 10, "minutes": 10},
        {"type": DeploymentType.CANARY},
        {"type": DeploymentType.LINEAR, "percent": 10},
        {"type": DeploymentType.ALL_AT_ONCE, "minutes": 10},
    ],
    ids=str,
)
def test_contradictory_parts_are_rejected(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"contradict one another.*Release\.canary"):
        Release(**parts)


def test_releases_are_values() -> None:
    assert Release.canary(percent=10, bake=Duration.hours(1)) == Release.canary(percent=10, bake=Duration.minutes(60))
    assert Release.all_at_once() != Release.canary(percent=10, bake=Duration.hours(1))
