"""Workflows in the apps that people have: stages, regions, pipelines, nested stacks, resources of other stacks."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    CfnParameter,
    Environment,
    Fn,
    NestedStack,
    Stack,
    Stage,
    aws_codecommit,
    aws_dynamodb,
    aws_events,
    aws_lambda,
    aws_s3,
    aws_ssm,
    pipelines,
)
from aws_cdk.assertions import Annotations, Match
from constructs import Construct
from tests.synth.image_workflow.nag import findings

from safelight import Check, ImageWorkflow, Monitoring, OnDelete, OnReject, Reprocess, Route, WorkflowVersion

ACCOUNTS = ("111122223333", "444455556666")


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(outdir=str(tmp_path / "cdk.out"), context={"safelight:platform": "local"})


def deployed(assembly: Any) -> list[dict[str, Any]]:
    """Return the templates of an assembly, and of the assemblies in it, that have a state machine."""
    folder = Path(assembly.directory)
    found = [json.loads(path.read_text()) for path in folder.rglob("*.template.json")]
    machine = "AWS::StepFunctions::StateMachine"
    return [template for template in found if any(it["Type"] == machine for it in template["Resources"].values())]


def monitored(scope: Construct, **arguments: Any) -> ImageWorkflow:
    """Make a workflow of the cheapest version, with everything that goes with one."""
    workflow = ImageWorkflow(scope, "Workflow", version=WorkflowVersion.V1, **arguments)
    Monitoring(scope, "Monitoring", workflow=workflow)
    Reprocess(scope, "Reprocess", workflow=workflow)
    return workflow


def stacks(app: App) -> Iterator[Stack]:
    yield from (Stack(app, name) for name in ("Dev", "Prod"))


def regions(app: App) -> Iterator[Stack]:
    for region in ("eu-west-1", "us-east-1"):
        yield Stack(app, f"Photos-{region}", env=Environment(account=ACCOUNTS[0], region=region))


def stages(app: App) -> Iterator[Stack]:
    yield from (Stack(Stage(app, name), "Photos") for name in ("Dev", "Prod"))


def accounts_with_stacks_of_one_name(app: App) -> Iterator[Stack]:
    for account in ACCOUNTS:
        stage = Stage(app, f"In{account}", env=Environment(account=account, region="eu-west-1"))
        yield Stack(stage, "Photos", stack_name="Photos")


@pytest.mark.parametrize("make", [stacks, regions, stages, accounts_with_stacks_of_one_name])
def test_an_app_can_have_the_same_workflow_twice(app: App, make: Callable[[App], Iterator[Stack]]) -> None:
    for stack in make(app):
        monitored(stack, upload_bucket=aws_s3.Bucket(stack, "Uploads"))
    assert len(deployed(app.synth())) == 2


def test_a_pipeline_can_deploy_a_workflow_to_two_stages(app: App) -> None:
    stack = Stack(app, "Pipeline", env=Environment(account=ACCOUNTS[0], region="eu-west-1"))
    repository = aws_codecommit.Repository.from_repository_name(stack, "Source", "photos")
    pipeline = pipelines.CodePipeline(
        stack,
        "Pipeline",
        synth=pipelines.ShellStep(
            "Synth", input=pipelines.CodePipelineSource.code_commit(repository, "main"), commands=["cdk synth"]
        ),
        cross_account_keys=True,
    )
    for account in ACCOUNTS:
        stage = Stage(app, f"In{account}", env=Environment(account=account, region="eu-west-1"))
        monitored(Stack(stage, "Photos"))
        pipeline.add_stage(stage)
    assert len(deployed(app.synth())) == 2


def test_a_workflow_can_be_in_a_nested_stack_with_resources_of_its_parent(app: App) -> None:
    parent = Stack(app, "Photos")
    workflow = ImageWorkflow(
        NestedStack(parent, "Nested"),
        "Workflow",
        version=WorkflowVersion.V1,
        upload_bucket=aws_s3.Bucket(parent, "Uploads"),
        event_bus=aws_events.EventBus(parent, "Bus"),
    )
    Monitoring(parent, "Monitoring", workflow=workflow)
    Reprocess(NestedStack(parent, "Again"), "Reprocess", workflow=workflow)
    assert len(deployed(app.synth())) == 2


def test_a_workflow_can_use_resources_of_another_stack(app: App) -> None:
    data, compute, operations = (Stack(app, name) for name in ("Data", "SafelightWorkflow", "SafelightOperations"))
    key = aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING)
    function = aws_lambda.Function(
        data,
        "Check",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): return {}"),
    )
    workflow = ImageWorkflow(
        compute,
        "Workflow",
        upload_bucket=aws_s3.Bucket(data, "Uploads", versioned=True),
        published_bucket=aws_s3.Bucket(data, "Published"),
        records=aws_dynamodb.Table(data, "Records", partition_key=key),
        event_bus=aws_events.EventBus(data, "Bus"),
        key_prefix="incoming/",
        on_reject=OnReject.QUARANTINE,
        on_delete=OnDelete.WITHDRAW,
        default_route=Route(checks=[Check.custom("mine", function=function)]),
    )
    Reprocess(operations, "Reprocess", workflow=workflow)
    Monitoring(operations, "Monitoring", workflow=workflow)
    assert findings(app, below="Safelight") == []


def from_parameter(stack: Stack, name: str) -> str:
    return CfnParameter(stack, name).value_as_string


def from_export(_: Stack, name: str) -> str:
    return Fn.import_value(name)


def from_ssm(stack: Stack, name: str) -> str:
    return aws_ssm.StringParameter.value_for_string_parameter(stack, f"/photos/{name}")


@pytest.mark.parametrize("token", [from_parameter, from_export, from_ssm])
def test_every_resource_can_be_imported_by_a_name_that_is_not_known_at_synth(
    app: App, token: Callable[[Stack, str], str]
) -> None:
    stack = Stack(app, "Photos")
    workflow = ImageWorkflow(
        stack,
        "Workflow",
        upload_bucket=aws_s3.Bucket.from_bucket_name(stack, "Uploads", token(stack, "Incoming")),
        published_bucket=aws_s3.Bucket.from_bucket_name(stack, "Published", token(stack, "Renditions")),
        records=aws_dynamodb.Table.from_table_name(stack, "Records", token(stack, "Table")),
        event_bus=aws_events.EventBus.from_event_bus_name(stack, "Bus", token(stack, "Events")),
        key_prefix="incoming/",
        on_reject=OnReject.QUARANTINE,
    )
    Reprocess(stack, "Reprocess", workflow=workflow)
    Monitoring(stack, "Monitoring", workflow=workflow)
    assert findings(app) == []


def test_a_warning_names_the_path_of_a_bucket_whose_name_is_not_known_at_synth(build: Any) -> None:
    built = build(
        version=WorkflowVersion.V1,
        upload_bucket=lambda stack: aws_s3.Bucket.from_bucket_name(stack, "Mine", Fn.import_value("Pictures")),
    )
    Annotations.from_stack(built.stack).has_warning(
        "/Test/Workflow", Match.string_like_regexp("notifications for the imported bucket Test/Mine,")
    )
