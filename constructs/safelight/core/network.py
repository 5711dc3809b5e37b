"""The VPC that functions run in."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Annotations, aws_ec2, aws_iam
from constructs import Construct

from safelight.core.subnets import select_subnets

_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


@dataclass(frozen=True, kw_only=True)
class Network:
    """The VPC, subnets and security groups of a system's functions."""

    vpc: aws_ec2.IVpc
    vpc_subnets: aws_ec2.SubnetSelection | None
    security_groups: tuple[aws_ec2.ISecurityGroup, ...]


def make_network(
    scope: Construct,
    id: str,
    *,
    vpc: aws_ec2.IVpc | None,
    vpc_subnets: aws_ec2.SubnetSelection | None,
    security_groups: Sequence[aws_ec2.ISecurityGroup] | None,
) -> Network | None:
    """Return the network of functions, or ``None`` without a VPC. Without security groups, it makes one for all.

    The CDK's default would be one security group for each function, and Lambda makes network interfaces for each
    combination of subnet and security group.

    Parameters
    ----------
    vpc_subnets
        A warning says so if they have no route to the internet.

    Raises
    ------
    ValueError
        If there are subnets or security groups, but no VPC, or the list of security groups is empty.
    """
    if vpc is None:
        for argument, value in (("vpc_subnets", vpc_subnets), ("security_groups", security_groups)):
            if value is not None:
                raise ValueError(f"{argument} is given, but vpc is not. Add vpc, or omit {argument}.")
        return None
    if security_groups is not None and not security_groups:
        raise ValueError("security_groups is empty. Add one, or omit it: a new one then allows outbound traffic only.")
    _warn_of_isolated_subnets(scope, vpc=vpc, vpc_subnets=vpc_subnets)
    made = security_groups or [
        aws_ec2.SecurityGroup(
            scope, f"{id}SecurityGroup", vpc=vpc, description="Functions: no inbound traffic, all outbound traffic"
        )
    ]
    return Network(vpc=vpc, vpc_subnets=vpc_subnets, security_groups=tuple(made))


def allow_network_interfaces(role: aws_iam.Role) -> None:
    """Allow Lambda to connect a role's function to its VPC. EC2 supports only ``*`` for some of these actions."""
    role.add_to_policy(aws_iam.PolicyStatement(actions=list(_ACTIONS), resources=["*"]))


def deny_network_interfaces_to_code(scope: Construct, id: str, *, role: aws_iam.Role, function_arn: str) -> None:
    """Deny a function's own code what `allow_network_interfaces` allows Lambda.

    AWS does not document whether the source of a call is the ARN of the function or of its version: both are denied.

    References
    ----------
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
    """
    # A policy of its own: the function depends on the role's, which therefore cannot name the function.
    aws_iam.Policy(
        scope,
        id,
        roles=[role],
        statements=[
            aws_iam.PolicyStatement(
                effect=aws_iam.Effect.DENY,
                actions=list(_ACTIONS),
                resources=["*"],
                conditions={"ArnLike": {"lambda:SourceFunctionArn": [function_arn, f"{function_arn}:*"]}},
            )
        ],
    )


def _warn_of_isolated_subnets(
    scope: Construct, *, vpc: aws_ec2.IVpc, vpc_subnets: aws_ec2.SubnetSelection | None
) -> None:
    selected = select_subnets(vpc, vpc_subnets=vpc_subnets)
    isolated = {subnet.node.path for subnet in vpc.isolated_subnets}
    if not isolated.intersection(subnet.node.path for subnet in selected.subnets):
        return
    Annotations.of(scope).add_warning_v2(
        "safelight:isolated-subnets",
        "Functions run in subnets without a route to the internet. Their calls end in timeouts, unless the VPC has "
        "endpoints for the services that they call: gateway endpoints for S3 and DynamoDB, and interface endpoints for "
        "EventBridge (events), Step Functions (states) and Rekognition (rekognition).",
    )
