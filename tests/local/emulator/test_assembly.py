from pathlib import Path

import pytest
from aws_cdk import (
    App,
    DefaultStackSynthesizer,
    Environment,
    RemovalPolicy,
    Stack,
    Stage,
    aws_events,
    aws_events_targets,
    aws_logs,
    aws_s3,
    aws_s3_notifications,
    aws_sqs,
    custom_resources,
)

from safelight_local.emulator import assembly
from safelight_local.emulator.assembly import read_stacks
from safelight_local.emulator.endpoints import ACCOUNT, REGION


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, assembly.Stack]:
    folder = tmp_path_factory.mktemp("assembly")
    # As the CDK CLI runs an app.
    context = {"aws:cdk:enable-asset-metadata": True, "aws:cdk:enable-path-metadata": True}
    app = App(outdir=str(folder), context=context)
    Stack(app, "Anywhere")
    Stack(app, "InRegion", env=Environment(region="eu-west-1"))
    prod = Stage(app, "Prod", env=Environment(account="111122223333", region="eu-central-1"))
    stack = Stack(prod, "Photos", synthesizer=DefaultStackSynthesizer(qualifier="photos"))
    bucket = aws_s3.Bucket(stack, "Bucket", auto_delete_objects=True, removal_policy=RemovalPolicy.DESTROY)
    bucket.add_event_notification(
        aws_s3.EventType.OBJECT_CREATED, aws_s3_notifications.SqsDestination(aws_sqs.Queue(stack, "Queue"))
    )
    aws_logs.LogRetention(stack, "Logs", log_group_name="logs", retention=aws_logs.RetentionDays.ONE_DAY)
    for service in ("SSM", "CloudWatchLogs", "@aws-sdk/client-secrets-manager"):
        custom_resources.AwsCustomResource(
            stack,
            f"Call{service.rpartition('/')[2]}",
            on_create=custom_resources.AwsSdkCall(
                service=service,
                action="describe",
                parameters={"Bucket": bucket.bucket_name},
                physical_resource_id=custom_resources.PhysicalResourceId.of("called"),
            ),
            policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
            install_latest_aws_sdk=False,
        )
    custom_resources.AwsCustomResource(
        stack,
        "OwnType",
        resource_type="Custom::Mine",
        on_create=custom_resources.AwsSdkCall(
            service="SSM", action="describe", physical_resource_id=custom_resources.PhysicalResourceId.of("called")
        ),
        policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
        install_latest_aws_sdk=False,
    )
    aws_events.Rule(
        stack,
        "Rule",
        event_pattern=aws_events.EventPattern(source=["mine"]),
        targets=[aws_events_targets.CloudWatchLogGroup(aws_logs.LogGroup(stack, "Events"))],
    )
    app.synth()
    return {it.name: it for it in read_stacks(Path(folder))}


def packages_of(stacks: dict[str, assembly.Stack]) -> dict[str, set[str]]:
    return {it.path: set(it.packages) for it in assembly.custom_resources(stacks["Prod-Photos"])}


def test_the_stacks_of_stages_are_read_too(stacks: dict[str, assembly.Stack]) -> None:
    assert set(stacks) == {"Anywhere", "InRegion", "Prod-Photos"}


def test_a_stack_that_names_no_environment_goes_to_that_of_the_emulator(stacks: dict[str, assembly.Stack]) -> None:
    assert str(stacks["Anywhere"].bootstrap.environment) == f"aws://{ACCOUNT}/{REGION}"
    assert str(stacks["InRegion"].bootstrap.environment) == f"aws://{ACCOUNT}/eu-west-1"


def test_a_stack_goes_to_the_environment_and_by_the_qualifier_that_it_names(stacks: dict[str, assembly.Stack]) -> None:
    needed = stacks["Prod-Photos"].bootstrap
    assert (str(needed.environment), needed.qualifier) == ("aws://111122223333/eu-central-1", "photos")
    assert not needed.is_default
    assert stacks["Anywhere"].bootstrap.is_default


def test_a_handler_needs_the_packages_that_its_code_requires(stacks: dict[str, assembly.Stack]) -> None:
    found = packages_of(stacks)
    assert found["Prod/Photos/Bucket/AutoDeleteObjectsCustomResource/Default"] == {"@aws-sdk/client-s3"}
    assert found["Prod/Photos/Logs/Resource"] == {"@aws-sdk/client-cloudwatch-logs"}


def test_a_handler_in_python_needs_no_package(stacks: dict[str, assembly.Stack]) -> None:
    assert "Prod/Photos/Bucket/Notifications/Resource" not in packages_of(stacks)


@pytest.mark.parametrize(
    ("construct", "package"),
    [
        ("CallSSM", "@aws-sdk/client-ssm"),
        ("CallCloudWatchLogs", "@aws-sdk/client-cloudwatch-logs"),
        ("Callclient-secrets-manager", "@aws-sdk/client-secrets-manager"),
    ],
)
def test_a_call_needs_the_package_of_its_service_however_the_service_is_written(
    stacks: dict[str, assembly.Stack], construct: str, package: str
) -> None:
    assert package in packages_of(stacks)[f"Prod/Photos/{construct}/Resource/Default"]


def test_a_call_needs_the_package_of_its_service_whatever_its_type_is(stacks: dict[str, assembly.Stack]) -> None:
    found = {it.type: it.packages for it in assembly.custom_resources(stacks["Prod-Photos"])}
    assert "@aws-sdk/client-ssm" in found["Custom::Mine"]
    assert "@aws-sdk/client-cloudwatch-logs" in found["Custom::CloudwatchLogResourcePolicy"]
