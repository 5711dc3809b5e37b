"""What `safelight up` deploys, by one app of two stages with the custom resources of the CDK."""

import json
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from tests.local.emulator_clients import client, wait_until
from tests.local.lambda_functions import PATIENT_SECONDS, create_role

from safelight_local.aws.deployment import deployed_workflows
from safelight_local.emulator.apps import STALL_SECONDS, deploy_app, run_app
from safelight_local.emulator.assembly import read_stacks
from safelight_local.emulator.cdk import find_cli
from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.emulator.process import Emulator

PROD = Environment(account="111122223333", region="eu-west-1")
APP = f"""
from aws_cdk import (
    App, CfnOutput, DefaultStackSynthesizer, Environment, RemovalPolicy, Stack, Stage,
    aws_logs, aws_s3, aws_s3_deployment, aws_s3_notifications, aws_sqs, custom_resources,
)

app = App()
stack = Stack(app, "Here")
notified = aws_s3.Bucket(stack, "Notified", bucket_name="notified", enforce_ssl=True)
queue = aws_sqs.Queue(stack, "Queue", queue_name="told")
notified.add_event_notification(aws_s3.EventType.OBJECT_CREATED, aws_s3_notifications.SqsDestination(queue))
aws_s3.Bucket(stack, "OnEventBridge", bucket_name="on-event-bridge", event_bridge_enabled=True)
aws_s3.Bucket(stack, "Emptied", auto_delete_objects=True, removal_policy=RemovalPolicy.DESTROY)
aws_s3_deployment.BucketDeployment(
    stack, "Files", sources=[aws_s3_deployment.Source.data("a.txt", "content")],
    destination_bucket=aws_s3.Bucket(stack, "Filled", bucket_name="filled"),
)
custom_resources.AwsCustomResource(
    stack, "Call",
    on_create=custom_resources.AwsSdkCall(
        service="SSM", action="putParameter", parameters={{"Name": "/called", "Value": "yes", "Type": "String"}},
        physical_resource_id=custom_resources.PhysicalResourceId.of("call"),
    ),
    policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
)
aws_logs.LogRetention(stack, "Logs", log_group_name="/kept", retention=aws_logs.RetentionDays.ONE_WEEK)

prod = Stage(app, "Prod", env=Environment(account="{PROD.account}", region="{PROD.region}"))
photos = Stack(prod, "Photos", synthesizer=DefaultStackSynthesizer(qualifier="photos"))
aws_sqs.Queue(photos, "Queue")
CfnOutput(photos, "Zones", value=",".join(photos.availability_zones))
for output in ("UploadBucketName", "PublishedBucketName", "RecordsTableName", "WorkflowId", "WorkflowVersion"):
    CfnOutput(photos, f"Workflow{{output}}00000000", value=output)
machine = f"arn:aws:states:{{photos.region}}:{{photos.account}}:stateMachine:photos"
CfnOutput(photos, "WorkflowStateMachineArn00000000", value=machine)
app.synth()
"""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    endpoints: Endpoints
    project: Path


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    project = tmp_path_factory.mktemp("project")
    (project / "app.py").write_text(APP)
    endpoints = deploy_app(
        find_cli(Path(__file__).parents[3]),
        endpoints=emulator.endpoints,
        project=project,
        app=f"{sys.executable} app.py",
        context=[],
        folder=tmp_path_factory.mktemp("logs"),
        seconds=STALL_SECONDS,
        step=lambda _: nullcontext(lambda _: None),
    )
    return Deployed(endpoints=endpoints, project=project)


def test_an_app_that_runs_without_an_emulator_has_the_same_account_and_region(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\n"
        "from aws_cdk import App, Environment, Stack\n"
        "app = App()\n"
        "given = {name: os.environ[f'CDK_DEFAULT_{name.upper()}'] for name in ('account', 'region')}\n"
        "Stack(app, 'Here', env=Environment(**given))\n"
        "app.synth()\n"
    )
    assembly = run_app(
        find_cli(Path(__file__).parents[3]),
        project=tmp_path,
        app=f"{sys.executable} app.py",
        context=[],
        folder=tmp_path,
        step=lambda _: nullcontext(lambda _: None),
    )
    (stack,) = read_stacks(assembly)
    assert stack.bootstrap.environment == Environment()


def statuses(endpoints: Endpoints) -> dict[str, str]:
    return {it["StackName"]: it["StackStatus"] for it in endpoints.cloudformation.describe_stacks()["Stacks"]}


def test_an_app_has_the_environments_of_its_stacks(deployed: Deployed) -> None:
    assert deployed.endpoints.environments == (Environment(), PROD)


def test_each_stack_is_deployed_to_the_account_and_region_that_it_names(deployed: Deployed) -> None:
    here, there = deployed.endpoints.everywhere
    assert statuses(here) == {"CDKToolkit": "CREATE_COMPLETE", "Here": "CREATE_COMPLETE"}
    assert statuses(there) == {"CDKToolkit-photos": "CREATE_COMPLETE", "Prod-Photos": "CREATE_COMPLETE"}


def test_a_workflow_is_found_in_the_region_that_it_is_in(deployed: Deployed) -> None:
    (workflow,) = deployed_workflows(deployed.endpoints)
    assert (workflow.stack, workflow.place) == ("Prod-Photos", f"{PROD.account}/{PROD.region}")
    assert deployed.endpoints.of(workflow.state_machine_arn).home == PROD


def test_a_lookup_is_answered_for_the_region_that_the_stack_names(deployed: Deployed) -> None:
    (found,) = deployed.endpoints.at(PROD).cloudformation.describe_stacks(StackName="Prod-Photos")["Stacks"]
    (zones,) = [it["OutputValue"] for it in found["Outputs"] if it["OutputKey"] == "Zones"]
    assert zones.startswith(f"{PROD.region}a")


def test_what_the_emulator_answers_to_a_lookup_is_not_kept_in_the_project(deployed: Deployed) -> None:
    assert [it.name for it in deployed.project.iterdir()] == ["app.py"]


def test_a_bucket_notifies_a_queue(deployed: Deployed) -> None:
    sqs = client(deployed.endpoints, "sqs")
    url = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    deployed.endpoints.s3.put_object(Bucket="notified", Key="a", Body=b"1")
    bodies: list[Any] = []

    def is_told() -> bool:
        taken = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        bodies.extend(json.loads(it["Body"]) for it in taken)
        return any("Records" in body for body in bodies)

    wait_until(is_told)
    assert bodies[-1]["Records"][0]["s3"]["bucket"]["name"] == "notified"


def test_a_bucket_sends_events_to_event_bridge(deployed: Deployed) -> None:
    found = deployed.endpoints.s3.get_bucket_notification_configuration(Bucket="on-event-bridge")
    assert "EventBridgeConfiguration" in found


def test_files_are_deployed_to_a_bucket(deployed: Deployed) -> None:
    assert deployed.endpoints.s3.get_object(Bucket="filled", Key="a.txt")["Body"].read() == b"content"


def test_a_call_of_the_sdk_is_made(deployed: Deployed) -> None:
    assert client(deployed.endpoints, "ssm").get_parameter(Name="/called")["Parameter"]["Value"] == "yes"


def test_the_retention_of_a_log_group_is_set(deployed: Deployed) -> None:
    (group,) = client(deployed.endpoints, "logs").describe_log_groups(logGroupNamePrefix="/kept")["logGroups"]
    assert group["retentionInDays"] == 7


def test_a_custom_resource_whose_handler_fails_is_not_waited_for(emulator: Emulator) -> None:
    cloudformation = emulator.endpoints.cloudformation
    handler = {
        "Runtime": "python3.13",
        "Timeout": PATIENT_SECONDS,
        "Handler": "index.handler",
        "Role": create_role(emulator.endpoints, "failing-role"),
        "Code": {"ZipFile": "def handler(event, context): raise ValueError('out of order')"},
    }
    resources = {
        "Handler": {"Type": "AWS::Lambda::Function", "Properties": handler},
        "Asked": {"Type": "Custom::Any", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Handler", "Arn"]}}},
    }
    cloudformation.create_stack(StackName="failing", TemplateBody=json.dumps({"Resources": resources}))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName="failing", WaiterConfig={"Delay": 1})
    events = cloudformation.describe_stack_events(StackName="failing")["StackEvents"]
    assert any("its handler failed: out of order" in it.get("ResourceStatusReason", "") for it in events)
