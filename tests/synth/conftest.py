"""Stacks with one image workflow, built from the arguments a test gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

from safelight import ImageWorkflow


class Synthesised:
    """A stack with one workflow, and its template."""

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        self.app = App(outdir=str(outdir), context={"safelight:platform": "local"})
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        self.workflow = ImageWorkflow(self.stack, "Workflow", **made)

    @property
    def template(self) -> Template:
        return Template.from_stack(self.stack)

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        found = self.template.find_resources(type_name)
        return {logical_id: resource.get("Properties", {}) for logical_id, resource in found.items()}


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Synthesised]:
    """Synthesise a workflow with the arguments given; a callable among them is handed the stack first."""

    def build_with(**arguments: Any) -> Synthesised:
        return Synthesised(outdir=tmp_path / "cdk.out", arguments=arguments)

    return build_with
