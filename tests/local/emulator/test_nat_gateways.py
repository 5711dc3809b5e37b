"""A VPC whose private subnets have a route to the internet."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.local.emulator_clients import client

from safelight_local.emulator.process import Emulator

STACK = "nat"
TAGS = [{"Key": "team", "Value": "photos"}]
TEMPLATE = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a"},
        },
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc", "Tags": TAGS}},
        "Gateway": {
            "Type": "AWS::EC2::NatGateway",
            "Properties": {
                "SubnetId": {"Ref": "Subnet"},
                "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                "Tags": TAGS,
            },
        },
    },
    "Outputs": {"Address": {"Value": {"Ref": "Address"}}},
}


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    return client(emulator.endpoints, "ec2")


@pytest.fixture
def stack(emulator: Emulator) -> Iterator[dict[str, Any]]:
    """The deployed stack, deleted after the test."""
    cloudformation = emulator.endpoints.cloudformation
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    made = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    yield dict(made)
    cloudformation.delete_stack(StackName=STACK)
    # The next test makes a stack of the same name.
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=made["StackId"], WaiterConfig={"Delay": 1})


def test_a_gateway_is_deployed_with_its_address(stack: dict[str, Any], ec2: Any) -> None:
    (address,) = ec2.describe_addresses()["Addresses"]
    (gateway,) = ec2.describe_nat_gateways()["NatGateways"]
    assert stack["Outputs"][0]["OutputValue"] == address["PublicIp"]
    assert gateway["State"] == "available"
    tags = {it["ResourceId"]: it["Value"] for it in ec2.describe_tags()["Tags"] if it["Key"] == "team"}
    assert tags == {address["AllocationId"]: "photos", gateway["NatGatewayId"]: "photos"}


def test_a_gateway_and_its_address_are_deleted_with_their_stack(
    emulator: Emulator, stack: dict[str, Any], ec2: Any
) -> None:
    cloudformation = emulator.endpoints.cloudformation
    cloudformation.delete_stack(StackName=stack["StackName"])
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 1})
    assert ec2.describe_addresses()["Addresses"] == []
    assert {it["State"] for it in ec2.describe_nat_gateways()["NatGateways"]} <= {"deleted"}
