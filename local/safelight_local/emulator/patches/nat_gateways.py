"""NAT gateways and their addresses in CloudFormation.

ministack's EC2 API has both. Its CloudFormation refuses ``AWS::EC2::EIP`` and ``AWS::EC2::NatGateway`` as unknown
types, and the CDK makes them for each VPC with private subnets that have a route to the internet.
"""

import re
from typing import Any

# A resource's properties, or its attributes.
Properties = dict[str, Any]


def apply() -> None:
    """Add the two resource types to CloudFormation."""
    from ministack.services import ec2
    from ministack.services.cloudformation import provisioners

    def create_address(_logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        allocation = _element("allocationId", ec2._allocate_address({"Domain": ["vpc"]}))
        provisioners._ec2_apply_tags(allocation, props)
        address = ec2._addresses[allocation]["PublicIp"]
        return address, {"AllocationId": allocation, "PublicIp": address}

    def delete_address(address: str, _props: Properties) -> None:
        for allocation in [key for key, it in ec2._addresses.items() if it["PublicIp"] == address]:
            ec2._release_address({"AllocationId": [allocation]})

    def create_gateway(_logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        given = {key: [it] for key, it in props.items() if isinstance(it, str)}
        gateway = _element("natGatewayId", ec2._create_nat_gateway(given))
        provisioners._ec2_apply_tags(gateway, props)
        return gateway, {"NatGatewayId": gateway}

    def delete_gateway(gateway: str, _props: Properties) -> None:
        ec2._delete_nat_gateway({"NatGatewayId": [gateway]})

    provisioners._RESOURCE_HANDLERS.update(
        {
            "AWS::EC2::EIP": {"create": create_address, "delete": delete_address},
            "AWS::EC2::NatGateway": {"create": create_gateway, "delete": delete_gateway},
        }
    )


def _element(name: str, response: tuple[int, object, bytes | str]) -> str:
    """Return the text of an element of an EC2 answer, or raise its error as the CloudFormation engine expects."""
    status, _, body = response
    text = body if isinstance(body, str) else body.decode()
    found = re.search(f"<{name}>([^<]+)<", text)
    if status >= 400 or found is None:
        raise ValueError(text)
    return found[1]
