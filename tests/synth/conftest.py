"""Stacks with one image workflow, built from the arguments a test gives."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from aws_cdk import aws_dynamodb, aws_events, aws_kms, aws_s3
from tests.synth.image_workflow.sharing import lock, once_for_the_same
from tests.synth.image_workflow.synthesised import Synthesised
from tests.synth.image_workflow.templates import EVERY_CHECK, WorkflowTemplate

from safelight import OnReject, WorkflowVersion
from safelight.image_workflow.reprocess import Reprocess


@pytest.fixture
def build_own(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    """Build a workflow for this test alone, which can add to its stack, or replace what builds it.

    A callable among the arguments is called with the stack first.
    """

    def build_with(**arguments: Any) -> Synthesised:
        return Synthesised(outdir=tmp_path_factory.mktemp("own"), arguments=arguments)

    return build_with


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesised]:
    """Synthesise a workflow, once for all tests that give the same arguments.

    A callable among them is called with the stack first. Nobody can add to the stack: the CDK raises "Cannot add
    children". A test that has to uses ``build_own``.
    """

    def build_with(**arguments: Any) -> Synthesised:
        built = Synthesised(outdir=tmp_path_factory.mktemp("shared"), arguments=arguments)
        lock(built.app)
        return built

    return once_for_the_same(build_with)


def _every_function_of(version: WorkflowVersion) -> dict[str, Any]:
    """Return the arguments with which a version has every function that it can have."""
    text = version.definition.read_text()
    return {
        **({"routes": {"id-card": EVERY_CHECK}} if "${Routes}" in text else {}),
        **({"on_reject": OnReject.QUARANTINE} if "${OnReject}" in text else {}),
    }


@pytest.fixture(scope="session")
def every_function(build: Callable[..., Synthesised]) -> Callable[[WorkflowVersion], WorkflowTemplate]:
    """Synthesise each version once, with every function that it can have."""

    @cache
    def build_version(version: WorkflowVersion) -> WorkflowTemplate:
        return WorkflowTemplate(build(version=version, **_every_function_of(version)).template.to_json())

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
