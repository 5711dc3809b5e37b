"""A redaction of the arguments that a test gives, as a template."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack, aws_s3
from aws_cdk.assertions import Template

from safelight import RedactionService

SERVICE: Any = RedactionService


class SynthesisedRedaction:
    """A stack with one redaction and its template. Buckets that are not given are new: ``Source`` and so on.

    A callable among the arguments is called with the stack first. A subclass names the construct.
    """

    system: Any
    id: str
    buckets: Sequence[str] = ("source", "destination")

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        for name in self.buckets:
            if name not in made:
                made[name] = aws_s3.Bucket(self.stack, name.title())
        self.made = self.system(self.stack, self.id, **made)

    @cached_property
    def document(self) -> dict[str, Any]:
        return dict(Template.from_stack(self.stack).to_json())

    def resources(self, type_name: str) -> list[dict[str, Any]]:
        """Properties of the resources of a type."""
        return [
            resource.get("Properties", {})
            for resource in self.document["Resources"].values()
            if resource["Type"] == type_name
        ]

    def resource(self, type_name: str) -> dict[str, Any]:
        """Properties of the one resource of a type."""
        (found,) = self.resources(type_name)
        return found


class Synthesised(SynthesisedRedaction):
    """A stack with one service."""

    system = SERVICE
    id = "Redaction"

    @property
    def service(self) -> Any:
        return self.made

    @property
    def mapping(self) -> dict[str, Any]:
        return self.resource("AWS::Lambda::EventSourceMapping")

    @property
    def calls_per_second(self) -> float:
        """The most calls of Rekognition per second of all instances of the function."""
        variables = self.resource("AWS::Lambda::Function")["Environment"]["Variables"]
        text = variables["REDACTION"]
        parts = text["Fn::Join"][1] if isinstance(text, dict) else [text]
        joined = "".join(part if isinstance(part, str) else "x" for part in parts)
        each = float(joined.partition('"calls_per_second":')[2].partition(",")[0])
        return each * float(self.mapping["ScalingConfig"]["MaximumConcurrency"])
