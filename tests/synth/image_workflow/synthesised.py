"""A workflow of the arguments that a test gives, as a template."""

from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from safelight import ImageWorkflow


class Synthesised:
    """A stack with one workflow, and its template."""

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        # The CDK's validation of templates takes longer than their synthesis. nag.py uses it.
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        self.workflow = ImageWorkflow(self.stack, "Workflow", **made)

    @cached_property
    def template(self) -> Template:
        return Template.from_stack(self.stack)

    @cached_property
    def _resources(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.template.to_json()["Resources"]
        return found

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        return {
            logical_id: deepcopy(resource.get("Properties", {}))
            for logical_id, resource in self._resources.items()
            if resource["Type"] == type_name
        }

    def resource(self, type_name: str, id: str) -> Any:
        """Properties of the workflow's one resource of a type and an id."""
        (found,) = (
            properties
            for logical_id, properties in self.resources(type_name).items()
            if logical_id[:-8] == f"Workflow{id}"
        )
        return found
