"""Buckets, tables and buses of other accounts and regions. The workflow's stack is in eu-west-1."""

import json
from typing import Any

import pytest
from aws_cdk import Annotations, App, Environment, NestedStack, Stack, aws_dynamodb, aws_events, aws_kms, aws_s3

from safelight import Monitoring, Reprocess, WorkflowVersion

HERE, THERE = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("attributes", "where"),
    [
        ({"region": "us-east-1"}, f"account {HERE}, region us-east-1"),
        ({"account": THERE}, f"account {THERE}, region eu-west-1"),
    ],
    ids=["region", "account"],
)
def test_an_upload_bucket_whose_events_go_elsewhere_is_rejected(
    build: Any, attributes: dict[str, Any], where: str
) -> None:
    def imported(stack: Stack) -> aws_s3.IBucket:
        return aws_s3.Bucket.from_bucket_attributes(stack, "Mine", bucket_name="pictures", **attributes)

    with pytest.raises(ValueError, match=f"upload_bucket Test/Mine is in {where}, .*account {HERE}, region eu-west-1"):
        build(upload_bucket=imported)


def test_a_bucket_of_a_stack_in_another_region_is_rejected(build: Any) -> None:
    def made_there(stack: Stack) -> aws_s3.IBucket:
        app = stack.node.root
        assert isinstance(app, App)
        there = Stack(app, "There", env=Environment(account=HERE, region="us-east-1"))
        return aws_s3.Bucket(there, "Mine")

    with pytest.raises(ValueError, match=r"upload_bucket There/Mine is in .* us-east-1"):
        build(upload_bucket=made_there)


def test_renditions_can_go_to_a_bucket_of_another_account(build: Any) -> None:
    def imported(stack: Stack) -> aws_s3.IBucket:
        return aws_s3.Bucket.from_bucket_attributes(stack, "Theirs", bucket_name="pictures", account=THERE)

    assert build(version=WorkflowVersion.V1, published_bucket=imported).workflow.published_bucket


def test_a_table_of_another_account_is_rejected(build: Any) -> None:
    arn = f"arn:aws:dynamodb:eu-west-1:{THERE}:table/records"
    with pytest.raises(ValueError, match=f"records Test/Table is in account {THERE}.*by its name"):
        build(records=lambda stack: aws_dynamodb.Table.from_table_arn(stack, "Table", arn))


def test_a_bus_of_another_region_is_rejected(build: Any) -> None:
    arn = f"arn:aws:events:us-east-1:{HERE}:event-bus/outcomes"
    with pytest.raises(ValueError, match="event_bus Test/Bus is in region us-east-1, and the workflow in eu-west-1"):
        build(event_bus=lambda stack: aws_events.EventBus.from_event_bus_arn(stack, "Bus", arn))


def bus_of_another_account(stack: Stack) -> aws_events.IEventBus:
    arn = f"arn:aws:events:eu-west-1:{THERE}:event-bus/outcomes"
    return aws_events.EventBus.from_event_bus_arn(stack, "Bus", arn)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_a_bus_of_another_account_gets_events_by_its_arn(build: Any, version: WorkflowVersion) -> None:
    built = build(version=version, event_bus=bus_of_another_account)
    arn = f"arn:aws:events:eu-west-1:{THERE}:event-bus/outcomes"
    (machine,) = built.resources("AWS::StepFunctions::StateMachine").values()
    assert machine["DefinitionSubstitutions"]["EventBusName"] == arn
    functions = built.resources("AWS::Lambda::Function").values()
    buses = [function["Environment"]["Variables"].get("EVENT_BUS") for function in functions]
    assert {bus for bus in buses if bus is not None} == {arn}
    statements = [
        statement
        for policy in built.resources("AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if "events:PutEvents" in json.dumps(statement["Action"])
    ]
    assert {statement["Resource"] for statement in statements} == {arn}


def test_outcomes_cannot_be_counted_on_a_bus_of_another_account(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1, event_bus=bus_of_another_account)
    with pytest.raises(ValueError, match=f"Test/Monitoring counts outcomes .* in account {THERE}, region eu-west-1"):
        Monitoring(built.stack, "Monitoring", workflow=built.workflow)


def key_of(*, account: str, region: str) -> Any:
    arn = f"arn:aws:kms:{region}:{account}:key/mine"
    return lambda stack: aws_kms.Key.from_key_arn(stack, "Key", arn)


def test_a_key_of_another_region_is_rejected(build: Any) -> None:
    with pytest.raises(
        ValueError, match="encryption_key Test/Key is in region us-east-1, and the workflow in eu-west-1"
    ):
        build(encryption_key=key_of(account=HERE, region="us-east-1"))


def test_a_key_of_another_account_can_be_used(build: Any) -> None:
    assert build(version=WorkflowVersion.V1, encryption_key=key_of(account=THERE, region="eu-west-1")).workflow


@pytest.mark.parametrize("user", [Monitoring, Reprocess])
@pytest.mark.parametrize(
    ("environment", "where"),
    [
        (Environment(account=HERE, region="us-east-1"), f"account {HERE}, region us-east-1"),
        (Environment(account=THERE, region="eu-west-1"), f"account {THERE}, region eu-west-1"),
    ],
    ids=["region", "account"],
)
def test_a_monitoring_or_a_reprocess_of_a_workflow_elsewhere_is_rejected(
    build: Any, user: Any, environment: Environment, where: str
) -> None:
    workflow = build(version=WorkflowVersion.V1).workflow
    with pytest.raises(
        ValueError,
        match=f"Other/It is in {where}, and Test/Workflow in account {HERE}, .*Put {user.__name__} into a stack",
    ):
        user(Stack(App(), "Other", env=environment), "It", workflow=workflow)


def warned(construct: Any) -> bool:
    return any("is in the stack" in str(entry.data) for entry in construct.node.metadata)


@pytest.mark.parametrize("user", [Monitoring, Reprocess])
def test_a_monitoring_or_a_reprocess_in_a_stack_of_its_own_gets_a_warning_that_can_be_acknowledged(
    build_own: Any, user: Any
) -> None:
    built = build_own(version=WorkflowVersion.V1)
    stack = Stack(built.app, "Other", env=Environment(account=HERE, region="eu-west-1"))
    used = user(stack, "It", workflow=built.workflow)
    assert warned(used)
    Annotations.of(used).acknowledge_warning("safelight:stack-of-workflow")
    assert not warned(used)


@pytest.mark.parametrize("user", [Monitoring, Reprocess])
def test_a_monitoring_or_a_reprocess_in_a_nested_stack_gets_no_warning(build_own: Any, user: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    used = user(NestedStack(built.stack, "Nested"), "It", workflow=built.workflow)
    assert not warned(used)
