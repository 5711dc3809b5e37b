"""A de-identification of the arguments that a test gives, as a template."""

from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack, aws_s3
from aws_cdk.assertions import Template

from safelight import DicomDeidentification

DICOM: Any = DicomDeidentification


class SynthesisedDicom:
    """A stack with one de-identification. Without other buckets, they are new: ``Source`` and so on.

    A callable among the arguments is called with the stack first.
    """

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        for name in ("source", "destination", "quarantine"):
            if name not in made:
                made[name] = aws_s3.Bucket(self.stack, name.title())
        self.dicom = DICOM(self.stack, "Dicom", **made)

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

    @property
    def layers(self) -> set[str]:
        """The layers of the function, by the ids of their constructs."""
        layers = self.resource("AWS::Lambda::Function")["Layers"]
        return {name.removeprefix("Dicom")[:-8] for layer in layers for name in layer.values()}
