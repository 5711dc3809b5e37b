"""Stacks with one image workflow, built from the arguments a test gives."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_dynamodb, aws_events, aws_kms, aws_s3
from aws_cdk.assertions import Template
from tests.synth.image_workflow.templates import EVERY_CHECK, WorkflowTemplate

from safelight import ImageWorkflow, OnReject, WorkflowVersion
from safelight.image_workflow.reprocess import Reprocess


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

    def resource(self, type_name: str, id: str) -> Any:
        """Properties of the workflow's one resource of a type and an id."""
        (found,) = (
            properties
            for logical_id, properties in self.resources(type_name).items()
            if logical_id[:-8] == f"Workflow{id}"
        )
        return found


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Synthesised]:
    """Synthesise a workflow with the arguments given; a callable among them is handed the stack first."""

    def build_with(**arguments: Any) -> Synthesised:
        return Synthesised(outdir=tmp_path / "cdk.out", arguments=arguments)

    return build_with


def _every_function_of(version: WorkflowVersion) -> dict[str, Any]:
    """Return the arguments with which a version has every function that it can have."""
    text = version.definition.read_text()
    return {
        **({"routes": {"id-card": EVERY_CHECK}} if "${Routes}" in text else {}),
        **({"on_reject": OnReject.QUARANTINE} if "${OnReject}" in text else {}),
    }


@pytest.fixture(scope="session")
def every_function(tmp_path_factory: pytest.TempPathFactory) -> Callable[[WorkflowVersion], WorkflowTemplate]:
    """Synthesise each version once, with every function that it can have."""

    @cache
    def build_version(version: WorkflowVersion) -> WorkflowTemplate:
        outdir = tmp_path_factory.mktemp(version.value)
        built = Synthesised(outdir=outdir, arguments={"version": version, **_every_function_of(version)})
        return WorkflowTemplate(built.template.to_json())

    return build_version


@pytest.fixture(scope="session")
def brought_along(tmp_path_factory: pytest.TempPathFactory) -> Callable[[WorkflowVersion], WorkflowTemplate]:
    """Synthesise each version once with a reprocess, and buckets, table and bus of the user's own.

    Buckets and table are named ``uploads``, ``published`` and ``records``, their keys ``UploadsKey`` and so on, the
    bus ``outcomes``. The key prefix is ``incoming/``, the prefix of what is published ``site/``.
    """

    @cache
    def build_version(version: WorkflowVersion) -> WorkflowTemplate:
        built = Synthesised(
            outdir=tmp_path_factory.mktemp(f"{version.value}-brought"),
            arguments={
                "version": version,
                "upload_bucket": lambda stack: aws_s3.Bucket.from_bucket_attributes(
                    stack, "Uploads", bucket_name="uploads", encryption_key=aws_kms.Key(stack, "UploadsKey")
                ),
                "published_bucket": lambda stack: aws_s3.Bucket.from_bucket_attributes(
                    stack, "Published", bucket_name="published", encryption_key=aws_kms.Key(stack, "PublishedKey")
                ),
                "records": lambda stack: aws_dynamodb.Table.from_table_attributes(
                    stack, "Records", table_name="records", encryption_key=aws_kms.Key(stack, "RecordsKey")
                ),
                "event_bus": lambda stack: aws_events.EventBus.from_event_bus_name(stack, "Outcomes", "outcomes"),
                "key_prefix": "incoming/",
                "published_prefix": "site/",
                **_every_function_of(version),
            },
        )
        Reprocess(built.stack, "Again", workflow=built.workflow)
        return WorkflowTemplate(built.template.to_json())

    return build_version
