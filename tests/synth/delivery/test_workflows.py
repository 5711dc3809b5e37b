"""A delivery in the app of a workflow must deliver what the workflow has checked, from where it publishes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_dynamodb, aws_events, aws_s3
from aws_cdk.assertions import Annotations, Match

from safelight import ImageDelivery, ImageWorkflow, OnReject, Preset, ResizingWebsite

WORKFLOW: Any = ImageWorkflow
DELIVERY: Any = ImageDelivery
NAMED = {"key_prefix": "incoming/", "published_prefix": "published/"}


class OneApp:
    """A stack with a workflow, and a delivery of what it publishes, unless a test gives other arguments."""

    def __init__(self, outdir: Path) -> None:
        self.app = App(
            outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False
        )
        self.stack = Stack(self.app, "Test", env=Environment(account="111122223333", region="eu-west-1"))

    def workflow(self, **arguments: Any) -> Any:
        bus = aws_events.EventBus(self.stack, "Bus")
        return WORKFLOW(self.stack, "Workflow", **({"event_bus": bus, **NAMED} | arguments))

    def deliver(self, workflow: Any, **arguments: Any) -> Any:
        usual = {
            "source": workflow.published_bucket,
            "records": workflow.records,
            "workflow_id": workflow.workflow_id,
            "rendition": "scaled",
            "event_bus": workflow.event_bus,
            "presets": {"card": Preset(width=320)},
            **NAMED,
        }
        return DELIVERY(self.stack, "Cdn", **(usual | arguments))

    def warnings(self) -> list[Any]:
        about = Match.string_like_regexp("renditions-without-records")
        return list(Annotations.from_stack(self.stack).find_warning("*", about))


WITHOUT_RECORDS = dict.fromkeys(["records", "workflow_id", "rendition", "published_prefix", "event_bus"])


@pytest.fixture
def one_app(tmp_path: Path) -> OneApp:
    return OneApp(tmp_path)


def test_the_same_arguments_as_the_workflow_are_accepted(one_app: OneApp) -> None:
    one_app.deliver(one_app.workflow())
    one_app.app.synth()


def test_a_workflow_on_the_default_bus_needs_no_bus(one_app: OneApp) -> None:
    one_app.deliver(one_app.workflow(event_bus=None), event_bus=None)
    one_app.app.synth()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"event_bus": None}, r"event_bus is default, and Test/Workflow sends its events to Test/Bus.*would stay"),
        ({"published_prefix": None}, r"published_prefix='', and Test/Workflow has published_prefix='published/'"),
        ({"key_prefix": ""}, r"key_prefix='', and Test/Workflow has key_prefix='incoming/'"),
        ({"workflow_id": "Nope.X"}, r"workflow_id='Nope\.X': .* 'Test\.Workflow'"),
        ({"rendition": "mastr"}, r"rendition='mastr', and Test/Workflow has the renditions 'tile', 'scaled'"),
        (
            {"source": lambda stack: aws_s3.Bucket(stack, "Mine")},
            r"the first source is Test/Mine, and Test/Workflow publishes to Test/Workflow/Published",
        ),
    ],
)
def test_an_argument_that_differs_from_the_workflow_is_an_error(
    one_app: OneApp, arguments: dict[str, Any], message: str
) -> None:
    made = {name: value(one_app.stack) if callable(value) else value for name, value in arguments.items()}
    one_app.deliver(one_app.workflow(), **made)
    with pytest.raises(RuntimeError, match=message):
        one_app.app.synth()


def test_a_workflow_that_is_made_after_the_delivery_is_compared_too(one_app: OneApp) -> None:
    table = aws_dynamodb.Table(
        one_app.stack, "Table", partition_key=aws_dynamodb.Attribute(name="pk", type=aws_dynamodb.AttributeType.STRING)
    )
    bucket = aws_s3.Bucket(one_app.stack, "Mine")
    arguments = {"source": bucket, "records": table, "workflow_id": "Test.Workflow", "rendition": "mastr"}
    DELIVERY(one_app.stack, "Cdn", **arguments, presets={"card": Preset(width=320)})
    WORKFLOW(one_app.stack, "Workflow", records=table, published_bucket=bucket)
    with pytest.raises(RuntimeError, match="rendition='mastr'"):
        one_app.app.synth()


def test_a_workflow_of_another_table_is_not_compared(one_app: OneApp) -> None:
    one_app.deliver(one_app.workflow(), records=aws_dynamodb.Table.from_table_name(one_app.stack, "Other", "other"))
    one_app.app.synth()


def shared_by_apps(stack: Stack, id: str) -> aws_dynamodb.ITable:
    return aws_dynamodb.Table.from_table_name(stack, id, "shared")


def test_a_workflow_of_another_app_may_have_the_same_imported_table(one_app: OneApp) -> None:
    workflow = one_app.workflow(records=shared_by_apps(one_app.stack, "Its"))
    source = aws_s3.Bucket.from_bucket_name(one_app.stack, "Published", "published-by-another-app")
    records = shared_by_apps(one_app.stack, "Records")
    one_app.deliver(workflow, source=source, records=records, workflow_id="Other.Workflow", rendition="web")
    one_app.app.synth()


def test_a_workflow_of_this_app_is_compared_on_an_imported_table_too(one_app: OneApp) -> None:
    workflow = one_app.workflow(records=shared_by_apps(one_app.stack, "Its"))
    one_app.deliver(workflow, rendition="mastr")
    with pytest.raises(RuntimeError, match="rendition='mastr'"):
        one_app.app.synth()


UNCHECKED: list[Callable[[Any], Any]] = [
    lambda workflow: workflow.upload_bucket,
    lambda workflow: workflow.quarantine_bucket,
    lambda workflow: workflow.analysis_bucket,
]


@pytest.mark.parametrize("bucket_of", UNCHECKED)
def test_uploads_that_no_check_has_passed_are_not_delivered(one_app: OneApp, bucket_of: Callable[[Any], Any]) -> None:
    workflow = one_app.workflow(on_reject=OnReject.QUARANTINE)
    one_app.deliver(workflow, source=bucket_of(workflow), **WITHOUT_RECORDS)
    with pytest.raises(RuntimeError, match=r"of Test/Workflow: rejected uploads.*published_bucket, with records="):
        one_app.app.synth()


def test_uploads_are_not_delivered_as_another_source_of_a_workflow(one_app: OneApp) -> None:
    workflow = one_app.workflow()
    one_app.deliver(workflow, source=[workflow.published_bucket, workflow.upload_bucket])
    with pytest.raises(RuntimeError, match="is the upload_bucket of Test/Workflow"):
        one_app.app.synth()


def test_a_website_does_not_show_uploads_either(one_app: OneApp) -> None:
    website: Any = ResizingWebsite
    website(one_app.stack, "Site", source=one_app.workflow().upload_bucket, sizes=[320], public_read=True)
    with pytest.raises(RuntimeError, match="is the upload_bucket of Test/Workflow"):
        one_app.app.synth()


def test_other_keys_of_a_bucket_of_uploads_are_delivered(one_app: OneApp) -> None:
    workflow = one_app.workflow()
    one_app.deliver(workflow, source=workflow.upload_bucket, **(WITHOUT_RECORDS | {"key_prefix": "static/"}))
    one_app.app.synth()


def test_renditions_without_records_get_a_warning(one_app: OneApp) -> None:
    workflow = one_app.workflow()
    one_app.deliver(workflow, **WITHOUT_RECORDS)
    (warning,) = one_app.warnings()
    assert "Test/Workflow publishes to the source Test/Workflow/Published" in warning.entry.data


def test_renditions_with_records_get_no_warning(one_app: OneApp) -> None:
    one_app.deliver(one_app.workflow())
    assert one_app.warnings() == []
