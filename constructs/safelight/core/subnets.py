"""Which subnets functions can run in: not public ones, where the CDK's own error leaves the way out open."""

from aws_cdk import aws_ec2

_ADVICE = "Use PRIVATE_WITH_EGRESS, or PRIVATE_ISOLATED with endpoints."


def select_subnets(vpc: aws_ec2.IVpc, *, vpc_subnets: aws_ec2.SubnetSelection | None) -> aws_ec2.SelectedSubnets:
    """Return the subnets of a VPC that a selection selects, as `IVpc.select_subnets` of the CDK.

    Parameters
    ----------
    vpc_subnets
        ``None`` selects the default of the CDK.
    """
    wanted = vpc_subnets or aws_ec2.SubnetSelection()
    return vpc.select_subnets(
        availability_zones=wanted.availability_zones,
        one_per_az=wanted.one_per_az,
        subnet_filters=wanted.subnet_filters,
        subnet_group_name=wanted.subnet_group_name,
        subnets=wanted.subnets,
        subnet_type=wanted.subnet_type,
    )


def validate_subnets(vpc: aws_ec2.IVpc | None, *, vpc_subnets: aws_ec2.SubnetSelection | None) -> None:
    """Validate that functions can run in the selected subnets.

    Lambda gives a function in a public subnet no public address.

    Raises
    ------
    ValueError
        If there are none, or some are public.

    References
    ----------
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
    """
    if vpc is None:
        return
    try:
        selected = select_subnets(vpc, vpc_subnets=vpc_subnets)
    except RuntimeError as error:
        # jsii raises this for each exception of the CDK, which says what the VPC has.
        raise ValueError(f"vpc_subnets selects no subnets of the VPC: {str(error).rstrip('.')}. {_ADVICE}") from None
    public = {subnet.node.path for subnet in vpc.public_subnets}
    if public.intersection(subnet.node.path for subnet in selected.subnets):
        source = "vpc has only public subnets" if vpc_subnets is None else "vpc_subnets selects public subnets"
        raise ValueError(f"{source}, where functions have no internet access. {_ADVICE}")
    if not selected.subnets and not selected.is_pending_lookup:
        raise ValueError(f"vpc_subnets selects no subnets of the VPC. {_ADVICE}")
