"""With ``vpc``, every function runs in it, with the permissions that Lambda needs and that its code does not have."""

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_ec2
from aws_cdk.assertions import Annotations, Match, Template
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.templates import referenced

from safelight import ImageWorkflow, OnDelete, WorkflowVersion

INTERFACES = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}


def a_vpc(stack: Stack) -> aws_ec2.IVpc:
    return aws_ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
        isolated_subnet_ids=["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
    )


def isolated_subnets(_: Stack) -> aws_ec2.SubnetSelection:
    return aws_ec2.SubnetSelection(subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack with a VPC and one workflow in it, which has every background function."""
    app = App(outdir=str(tmp_path_factory.mktemp("network")), context={"safelight:platform": "local"})
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
    ImageWorkflow(stack, "Workflow", vpc=a_vpc(stack), on_delete=OnDelete.WITHDRAW)
    return stack


@pytest.fixture(scope="module")
def template(stack: Stack) -> Template:
    return Template.from_stack(stack)


def test_every_function_runs_in_the_private_subnets_with_one_security_group(template: Template) -> None:
    (group,) = template.find_resources("AWS::EC2::SecurityGroup")
    functions = template.find_resources("AWS::Lambda::Function")
    assert {"Sweep", "Withdraw"} <= {name.removeprefix("Workflow")[:-8] for name in functions}
    for function in functions.values():
        assert function["Properties"]["VpcConfig"] == {
            "SecurityGroupIds": [{"Fn::GetAtt": [group, "GroupId"]}],
            "SubnetIds": ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"],
        }


def test_the_security_group_allows_no_ingress(template: Template) -> None:
    (group,) = template.find_resources("AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    assert not template.find_resources("AWS::EC2::SecurityGroupIngress")


def test_lambda_may_create_network_interfaces_and_the_code_may_not(template: Template) -> None:
    allowed: set[str] = set()
    denied: set[str] = set()
    for policy in template.find_resources("AWS::IAM::Policy").values():
        roles = referenced(policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if set(statement["Action"]) != INTERFACES:
                continue
            if statement["Effect"] == "Allow":
                allowed |= roles
            else:
                of_function, of_versions = statement["Condition"]["ArnLike"]["lambda:SourceFunctionArn"]
                assert of_versions == {"Fn::Join": ["", [of_function, ":*"]]}
                (function,) = referenced(of_function)
                denied |= roles & referenced(
                    template.find_resources("AWS::Lambda::Function")[function]["Properties"]["Role"]
                )
    functions = template.find_resources("AWS::Lambda::Function").values()
    assert allowed == denied == {role for it in functions for role in referenced(it["Properties"]["Role"])}


def test_a_workflow_without_a_vpc_may_not_create_network_interfaces(build: Any) -> None:
    assert "ec2:" not in str(build().resources("AWS::IAM::Policy"))


def test_existing_subnets_and_security_groups_can_be_used(build: Any) -> None:
    built = build(
        vpc=a_vpc,
        vpc_subnets=isolated_subnets,
        security_groups=lambda stack: [
            aws_ec2.SecurityGroup.from_security_group_id(stack, "Own", "sg-0123456789abcdef0")
        ],
    )
    assert built.resource("AWS::Lambda::Function", "Publish")["VpcConfig"] == {
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "SubnetIds": ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"],
    }
    assert [group.security_group_id for group in built.workflow.security_groups] == ["sg-0123456789abcdef0"]
    Annotations.from_stack(built.stack).has_warning(
        "/Test/Workflow", Match.string_like_regexp(".*gateway endpoints for S3 and DynamoDB.*states.*rekognition.*")
    )


def test_private_subnets_get_no_warning(stack: Stack) -> None:
    Annotations.from_stack(stack).has_no_warning(
        "/Test/Workflow", Match.string_like_regexp(".*route to the internet.*")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vpc_subnets": isolated_subnets}, "vpc_subnets is given, but vpc is not"),
        ({"security_groups": []}, "security_groups is given, but vpc is not"),
        ({"vpc": a_vpc, "security_groups": []}, "security_groups is empty"),
    ],
)
def test_contradictory_network_arguments_are_rejected(build: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**arguments)


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_version_in_a_vpc_passes_the_aws_solutions_pack(build_own: Any, version: WorkflowVersion) -> None:
    built = build_own(version=version, vpc=a_vpc)
    assert findings(built.app) == []


def a_vpc_without_isolated_subnets(stack: Stack) -> aws_ec2.IVpc:
    return aws_ec2.Vpc(
        stack,
        "OwnVpc",
        max_azs=2,
        subnet_configuration=[
            aws_ec2.SubnetConfiguration(name="public", subnet_type=aws_ec2.SubnetType.PUBLIC),
            aws_ec2.SubnetConfiguration(name="private", subnet_type=aws_ec2.SubnetType.PRIVATE_WITH_EGRESS),
        ],
    )


def a_public_vpc(stack: Stack) -> aws_ec2.IVpc:
    public = aws_ec2.SubnetConfiguration(name="public", subnet_type=aws_ec2.SubnetType.PUBLIC)
    return aws_ec2.Vpc(stack, "OwnVpc", max_azs=2, subnet_configuration=[public])


ADVICE = r"Use PRIVATE_WITH_EGRESS, or PRIVATE_ISOLATED with endpoints\.$"


@pytest.mark.parametrize(
    ("vpc", "selected", "message"),
    [
        (a_vpc_without_isolated_subnets, aws_ec2.SubnetType.PUBLIC, "^vpc_subnets selects public subnets, where .*"),
        (a_vpc_without_isolated_subnets, aws_ec2.SubnetType.PRIVATE_ISOLATED, "^vpc_subnets selects no subnets .*"),
        (a_public_vpc, None, "^vpc has only public subnets, where functions have no internet access.*"),
    ],
)
def test_subnets_that_functions_cannot_use_are_rejected(
    build_own: Any, vpc: Any, selected: aws_ec2.SubnetType | None, message: str
) -> None:
    subnets = None if selected is None else aws_ec2.SubnetSelection(subnet_type=selected)
    with pytest.raises(ValueError, match=f"(?s){message}{ADVICE}"):
        build_own(vpc=vpc, vpc_subnets=subnets)


def test_a_vpc_that_is_looked_up_is_accepted_before_its_lookup(tmp_path: Any) -> None:
    stack = Stack(App(outdir=str(tmp_path)), "Test", env=Environment(account="111122223333", region="eu-west-1"))
    vpc = aws_ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")
    ImageWorkflow(stack, "Workflow", vpc=vpc, vpc_subnets=isolated_subnets(stack))
