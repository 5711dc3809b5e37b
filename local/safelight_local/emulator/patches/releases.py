"""State machine versions and aliases in CloudFormation.

ministack's Step Functions API has versions and aliases. Its CloudFormation refuses
``AWS::StepFunctions::StateMachineVersion`` and ``AWS::StepFunctions::StateMachineAlias`` as unknown types.
"""

import json
from collections.abc import Callable
from typing import Any

# A resource's properties, or the answer of the Step Functions API.
Properties = dict[str, Any]


def apply() -> None:
    """Add the two resource types to CloudFormation."""
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS.update(release_handlers())


def release_handlers() -> dict[str, dict[str, Callable[..., object]]]:
    """Make CloudFormation handlers for state machine versions and aliases, by the Step Functions API.

    Result: Resource type -> ``create``, ``update`` and ``delete``, in the shape of ministack's own table.
    """
    from ministack.services import stepfunctions

    def create_version(_logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        arn = _answer(
            stepfunctions._publish_state_machine_version(
                {
                    "stateMachineArn": props["StateMachineArn"],
                    "revisionId": props.get("StateMachineRevisionId"),
                    "description": props.get("Description", ""),
                }
            )
        )["stateMachineVersionArn"]
        return arn, {"Arn": arn}

    def delete_version(arn: str, _props: Properties) -> None:
        _answer(stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}))

    def routing(props: Properties) -> list[Properties]:
        # No traffic is shifted gradually here: the new version gets all of it at once.
        preference = props.get("DeploymentPreference")
        if preference:
            return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
        return [
            {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
            for route in props["RoutingConfiguration"]
        ]

    def create_alias(logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        arn = _answer(
            stepfunctions._create_state_machine_alias(
                {
                    "name": props.get("Name", logical_id),
                    "description": props.get("Description", ""),
                    "routingConfiguration": routing(props),
                }
            )
        )["stateMachineAliasArn"]
        return arn, {"Arn": arn}

    def update_alias(arn: str, _old: Properties, props: Properties, _stack: str) -> tuple[str, Properties]:
        _answer(
            stepfunctions._update_state_machine_alias(
                {
                    "stateMachineAliasArn": arn,
                    "description": props.get("Description", ""),
                    "routingConfiguration": routing(props),
                }
            )
        )
        return arn, {"Arn": arn}

    def delete_alias(arn: str, _props: Properties) -> None:
        _answer(stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn}))

    return {
        "AWS::StepFunctions::StateMachineVersion": {"create": create_version, "delete": delete_version},
        "AWS::StepFunctions::StateMachineAlias": {
            "create": create_alias,
            "update": update_alias,
            "delete": delete_alias,
        },
    }


def _answer(response: tuple[int, object, bytes | str]) -> Properties:
    """Return the body of a Step Functions answer, or raise its error as the CloudFormation engine expects."""
    status, _, body = response
    if status >= 400:
        raise ValueError(body if isinstance(body, str) else body.decode())
    answer: Properties = json.loads(body)
    return answer
