"""A workflow with its monitoring as a template, and the words of its texts."""

import re
from typing import Any

from safelight import Monitoring


class Monitored:
    """A workflow, its monitoring, and the template of both."""

    def __init__(self, built: Any, **arguments: Any) -> None:
        self.built = built
        self.workflow = built.workflow
        self.monitoring = Monitoring(built.stack, "Ops", workflow=built.workflow, **arguments)

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        found: dict[str, Any] = self.built.resources(type_name)
        return found

    def own(self) -> dict[str, Any]:
        """Whole resources of the monitoring, by logical id."""
        resources = self.built.template.to_json()["Resources"]
        return {logical_id: resource for logical_id, resource in resources.items() if logical_id.startswith("Ops")}

    def alarm(self, id: str) -> dict[str, Any]:
        (alarm,) = (
            properties
            for logical_id, properties in self.resources("AWS::CloudWatch::Alarm").items()
            if re.fullmatch(f"Ops{id}[0-9A-F]{{8}}", logical_id)
        )
        return dict(alarm)

    def name(self, construct: Any) -> str:
        return str(self.built.stack.get_logical_id(construct.node.default_child))


def plain(text: Any) -> str:
    """Return a text of a template with its references by name."""
    match text:
        case {"Fn::Join": [str(between), [*parts]]}:
            return between.join(plain(part) for part in parts)
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return f"<{name}>"
    return str(text)
