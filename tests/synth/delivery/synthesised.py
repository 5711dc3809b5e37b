"""A delivery of the arguments that a test gives, as a template."""

from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack, aws_s3
from aws_cdk.assertions import Template

from safelight import ImageDelivery, Preset

CARD = {"card": Preset(width=320)}


class Synthesised:
    """A stack with one delivery, and its template. Without another source, it delivers from a new bucket ``Photos``.

    A callable among the arguments is called with the stack first. A subclass has another construct instead.
    """

    system: Any = ImageDelivery
    needed: Mapping[str, Any] = {"presets": CARD}

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        # The CDK's validation of templates takes longer than their synthesis. nag.py uses it.
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        if "source" not in made:
            made["source"] = aws_s3.Bucket(self.stack, "Photos")
        self.delivery = self.system(self.stack, "Cdn", **({**self.needed} | made))

    @cached_property
    def document(self) -> dict[str, Any]:
        return dict(Template.from_stack(self.stack).to_json())

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        return {
            logical_id: deepcopy(resource.get("Properties", {}))
            for logical_id, resource in self.document["Resources"].items()
            if resource["Type"] == type_name
        }

    def resource(self, type_name: str, id: str = "") -> Any:
        """Properties of the delivery's one resource of a type, whose id begins with that text."""
        (found,) = (
            properties
            for logical_id, properties in self.resources(type_name).items()
            if logical_id.startswith(f"Cdn{id}")
        )
        return found

    @property
    def distribution(self) -> Any:
        return self.resource("AWS::CloudFront::Distribution")["DistributionConfig"]

    @property
    def behaviour(self) -> Any:
        return self.distribution["DefaultCacheBehavior"]

    def environment(self, id: str) -> dict[str, Any]:
        """Variables of the environment of a function."""
        variables: dict[str, Any] = self.resource("AWS::Lambda::Function", id)["Environment"]["Variables"]
        return variables
