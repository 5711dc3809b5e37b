"""Saved queries of CloudWatch Logs Insights.

ministack's CloudFormation refuses ``AWS::Logs::QueryDefinition`` as an unknown type. Here it accepts the type and does
nothing: the emulator has no Logs Insights to run a query with.
"""


def apply() -> None:
    """Add the resource type to CloudFormation."""
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": lambda logical_id, _props, stack: (f"{stack}-{logical_id}", {}),
        "update": lambda physical_id, _old, _new, _stack: (physical_id, {}),
        "delete": lambda _physical_id, _props: None,
    }
