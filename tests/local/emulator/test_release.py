"""An app deployed three times on the emulator: unchanged, with a change outside the workflow, with a new workflow."""

import json
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from safelight_local.aws.deployment import DeployedWorkflow, deployed_workflows
from safelight_local.aws.executions import describe, execution_statuses
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app
from safelight_local.emulator.cdk import find_cli
from safelight_local.emulator.process import Emulator
from safelight_local.samples import write_samples

PATIENCE = 600.0
APP = """
from aws_cdk import App, CfnOutput, Environment, RemovalPolicy, Stack
from safelight import ImageWorkflow, Rendition, WorkflowVersion
app = App()
stack = Stack(app, "Released", env=Environment(account="000000000000", region="us-east-1"))
CfnOutput(stack, "Beside", value=app.node.get_context("beside"))
ImageWorkflow(
    stack,
    "Photos",
    version=WorkflowVersion.V1,
    renditions=[Rendition(name=app.node.get_context("name"), width=100)],
    removal_policy=RemovalPolicy.DESTROY,
)
app.synth()
"""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The state after one deployment, and the outcome of an upload after it."""

    workflow: DeployedWorkflow
    live: list[str]
    versions: list[str]
    resizer_versions: dict[str, str]
    upload_started: list[str]
    status: str
    renditions: list[str]


@dataclass(frozen=True, kw_only=True)
class Releases:
    """The emulator after three deployments."""

    emulator: Emulator
    first: Deployed
    beside: Deployed
    second: Deployed


def released(emulator: Emulator, *, key: str, image: bytes) -> Deployed:
    """Upload an image to what is deployed, and look at both."""
    aws = emulator.endpoints
    (workflow,) = deployed_workflows(aws)
    machine = workflow.state_machine_arn
    before = set(execution_statuses(aws, state_machine_arn=machine))
    aws.s3.put_object(Bucket=workflow.upload_bucket, Key=key, Body=image)
    started = wait_for_end(emulator, machine=machine, before=before)
    described = describe(aws, arn=started[0])
    assert described is not None
    alias = aws.stepfunctions.describe_state_machine_alias(stateMachineAliasArn=f"{machine}:live")
    published = aws.s3.list_objects_v2(Bucket=workflow.published_bucket, Prefix=f"{key}/").get("Contents", [])
    versions = aws.stepfunctions.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    return Deployed(
        workflow=workflow,
        live=[route["stateMachineVersionArn"] for route in alias["routingConfiguration"]],
        versions=sorted(it["stateMachineVersionArn"] for it in versions),
        resizer_versions=resizer_versions(emulator),
        upload_started=started,
        status=described.status,
        renditions=[item["Key"].rpartition("/")[2] for item in published],
    )


def wait_for_end(emulator: Emulator, *, machine: str, before: set[str]) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    while True:
        statuses = execution_statuses(emulator.endpoints, state_machine_arn=machine)
        started = [arn for arn in statuses if arn not in before]
        if started and all(statuses[arn] != "RUNNING" for arn in started):
            return started
        assert time.monotonic() < deadline, f"no execution of {machine} ended within {PATIENCE:.0f} s"
        time.sleep(0.1)


def resizer_versions(emulator: Emulator) -> dict[str, str]:
    """Published versions of the resizer -> the name of the rendition that each makes."""
    client = emulator.endpoints.lambda_
    functions = [it["FunctionName"] for it in client.list_functions()["Functions"]]
    (resizer,) = (name for name in functions if "Resizer" in name)
    found = client.list_versions_by_function(FunctionName=resizer)["Versions"]
    return {
        it["FunctionArn"]: json.loads(it["Environment"]["Variables"]["RENDITIONS"])[0]["name"]
        for it in found
        if it["Version"] != "$LATEST"
    }


@pytest.fixture(scope="module")
def releases(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    folder = tmp_path_factory.mktemp("released")
    (folder / "app.py").write_text(APP)
    picture = write_samples(tmp_path_factory.mktemp("samples")).landscape
    cli = find_cli(Path(__file__).parents[3])
    logs = tmp_path_factory.mktemp("logs")

    def release(*, key: str, beside: str, name: str) -> Deployed:
        deploy_app(
            cli,
            endpoints=emulator.endpoints,
            project=folder,
            app=f"{sys.executable} app.py",
            context=[f"beside={beside}", f"name={name}"],
            folder=logs,
            seconds=STALL_SECONDS,
            step=lambda _: nullcontext(lambda _: None),
        )
        return released(emulator, key=key, image=picture.read_bytes())

    return Releases(
        emulator=emulator,
        first=release(key="park/1.jpg", beside="one", name="small"),
        beside=release(key="park/2.jpg", beside="two", name="small"),
        second=release(key="park/3.jpg", beside="two", name="tiny"),
    )


def targets(releases: Releases) -> list[dict[str, Any]]:
    aws = releases.emulator.endpoints
    make: Any = aws.session.client
    events = make("events", **aws.client_settings)
    names = [rule["Name"] for rule in events.list_rules()["Rules"]]
    return [target for name in names for target in events.list_targets_by_rule(Rule=name)["Targets"]]


def test_the_rule_and_reprocess_start_the_alias(releases: Releases) -> None:
    started = [target["Arn"] for target in targets(releases) if ":states:" in target["Arn"]]
    assert started == [f"{releases.first.workflow.state_machine_arn}:live"]


def test_an_execution_that_the_alias_started_is_listed_with_its_state_machine(releases: Releases) -> None:
    for deployed in (releases.first, releases.beside, releases.second):
        assert len(deployed.upload_started) == 1
        assert deployed.status == "SUCCEEDED"


def test_the_first_deployment_publishes_one_version_and_the_alias_points_at_it(releases: Releases) -> None:
    assert releases.first.live == releases.first.versions == [f"{releases.first.workflow.state_machine_arn}:1"]


def test_a_change_outside_the_workflow_publishes_no_version(releases: Releases) -> None:
    assert releases.beside.versions == releases.first.versions
    assert releases.beside.resizer_versions == releases.first.resizer_versions
    assert releases.beside.live == releases.first.live


def test_a_changed_setting_moves_the_alias_to_a_new_version_and_keeps_the_previous_one(releases: Releases) -> None:
    (before,) = releases.first.versions
    (now,) = releases.second.live
    assert now != before
    assert releases.second.versions == sorted([before, now])


def test_the_previous_function_version_keeps_its_settings(releases: Releases) -> None:
    assert list(releases.first.resizer_versions.values()) == ["small"]
    assert releases.first.resizer_versions.items() <= releases.second.resizer_versions.items()
    assert sorted(releases.second.resizer_versions.values()) == ["small", "tiny"]


def test_uploads_go_through_the_function_version_that_is_released(releases: Releases) -> None:
    assert releases.first.renditions == ["small.jpg"]
    assert releases.second.renditions == ["tiny.jpg"]


def test_the_previous_version_calls_the_previous_function_version(releases: Releases) -> None:
    client = releases.emulator.endpoints.stepfunctions
    (before,), (now,) = releases.first.versions, releases.second.live
    small, tiny = sorted(releases.second.resizer_versions, key=lambda arn: releases.second.resizer_versions[arn])
    assert small in client.describe_state_machine(stateMachineArn=before)["definition"]
    assert tiny in client.describe_state_machine(stateMachineArn=now)["definition"]
