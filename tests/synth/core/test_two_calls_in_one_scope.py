"""A system may call each part of core more than once in its scope, with different ids."""

import json

import pytest
from aws_cdk import App, Duration, RemovalPolicy, Stack, aws_ec2, aws_lambda, aws_stepfunctions
from aws_cdk.assertions import Template

from safelight.core.alarms import make_topic
from safelight.core.buckets import make_event_bucket, private_bucket
from safelight.core.events import object_events, start_on_event
from safelight.core.function import FunctionOptions, make_steps
from safelight.core.network import make_network
from safelight.core.platform import Platform
from safelight.core.queues import feed_function
from safelight.core.release import Release, make_live_alias
from safelight.core.state_machine import make_log_group, make_state_machine
from safelight.core.step_definition import StepDefinition
from safelight.core.tables import make_table

KEPT = RemovalPolicy.RETAIN
DEFINITION = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
NAMES = ("One", "Other")


@pytest.fixture(scope="module")
def template() -> Template:
    """Everything in core that takes an id, made twice in one stack."""
    stack = Stack(App(), "Test")
    for name in NAMES:
        machine = make_state_machine(
            stack,
            f"{name}Machine",
            definition=DEFINITION,
            substitutions={},
            log_group=make_log_group(stack, f"{name}MachineLogs", encryption_key=None, removal_policy=KEPT),
            encryption_key=None,
            log_level=aws_stepfunctions.LogLevel.ALL,
        )
        start_live(stack, name, machine=machine)
        make_event_bucket(stack, f"{name}Uploads", encryption_key=None, removal_policy=KEPT)
        make_table(stack, f"{name}Table", encryption_key=None, removal_policy=KEPT)
        make_topic(stack, f"{name}Topic", system="some_system", encryption_key=None, removal_policy=KEPT)
        feed_function(
            stack,
            name,
            function=some_function(stack, name),
            delay=Duration.seconds(0),
            encryption_key=None,
            removal_policy=KEPT,
        )
    return Template.from_stack(stack)


def start_live(stack: Stack, name: str, *, machine: aws_stepfunctions.StateMachine) -> None:
    start_on_event(
        stack,
        f"{name}Arrived",
        description="Starts it",
        event_patterns=object_events(
            "Object Created",
            bucket=private_bucket(stack, f"{name}Bucket", encryption_key=None, removal_policy=KEPT),
            key_prefix="",
            key_suffixes=(),
        ),
        role_description="Starts it",
        state_machine=machine,
        live=make_live_alias(
            stack,
            f"{name}Live",
            system="some_system",
            state_machine=machine,
            release=Release.canary(percent=10, bake=Duration.minutes(5)),
        ),
        encryption_key=None,
        removal_policy=KEPT,
    )


def vpc_of(stack: Stack) -> aws_ec2.Vpc:
    made = stack.node.try_find_child("Vpc")
    return made if isinstance(made, aws_ec2.Vpc) else aws_ec2.Vpc(stack, "Vpc", nat_gateways=0)


def some_function(stack: Stack, name: str) -> aws_lambda.Function:
    (step,) = make_steps(
        stack,
        system="image_workflow",
        definitions={
            name: StepDefinition(
                id=name, package="labels", memory=128, timeout=10, layers=("powertools",), permit=lambda *_: None
            )
        },
        layer_sources={"powertools": lambda: aws_lambda.Code.from_asset("lambdas/layers")},
        settings=None,
        options=FunctionOptions(
            platform=Platform(),
            snap_start=False,
            network=make_network(stack, f"{name}Network", vpc=vpc_of(stack), vpc_subnets=None, security_groups=None),
            encryption_key=None,
            removal_policy=KEPT,
        ),
    ).values()
    return step.function


@pytest.mark.parametrize(
    ("resource", "count"),
    [
        ("AWS::StepFunctions::StateMachineAlias", 2),
        ("AWS::StepFunctions::StateMachineVersion", 2),
        ("AWS::CloudWatch::Alarm", 4),
        ("AWS::Events::Rule", 2),
        ("AWS::SQS::Queue", 6),
        ("AWS::DynamoDB::Table", 2),
        ("AWS::SNS::Topic", 2),
        ("AWS::KMS::Key", 2),
        ("AWS::Lambda::Function", 2),
        ("AWS::EC2::SecurityGroup", 2),
        # Functions of one scope share their layers.
        ("AWS::Lambda::LayerVersion", 1),
    ],
)
def test_each_call_makes_its_own_resources(template: Template, resource: str, count: int) -> None:
    template.resource_count_is(resource, count)


def test_log_groups_of_state_machines_have_different_names(template: Template) -> None:
    named = [
        json.dumps(group["Properties"]["LogGroupName"])
        for group in template.find_resources("AWS::Logs::LogGroup").values()
        if "LogGroupName" in group["Properties"]
    ]
    assert len(set(named)) == len(named) == 2
