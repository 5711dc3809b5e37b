"""A stack with one redaction of videos, built from the arguments that a test gives."""

from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Stack, aws_s3
from aws_cdk.assertions import Template
from tests.synth.image_workflow.templates import WorkflowTemplate

from safelight import VideoRedaction


class SynthesisedVideos:
    """A stack with a redaction from a bucket ``Uploads`` to a bucket ``Redacted``, and its template.

    A callable among the arguments is called with the stack first.
    """

    def __init__(self, *, outdir: Path, arguments: dict[str, Any]) -> None:
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))
        self.source = aws_s3.Bucket(self.stack, "Uploads")
        self.destination = aws_s3.Bucket(self.stack, "Redacted")
        made = {name: value(self.stack) if callable(value) else value for name, value in arguments.items()}
        self.videos = VideoRedaction(
            self.stack, "Videos", **{"source": self.source, "destination": self.destination} | made
        )

    @cached_property
    def document(self) -> dict[str, Any]:
        return dict(Template.from_stack(self.stack).to_json())

    @cached_property
    def permissions(self) -> dict[str, set[tuple[str, str]]]:
        """What each role may do: actions, and resources as JSON."""
        found = WorkflowTemplate(self.document).permissions()
        return {role: {(it.action, it.on) for it in allowed} for role, allowed in found.items()}

    def resources(self, type_name: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.document["Resources"].items()
            if resource["Type"] == type_name
        }
