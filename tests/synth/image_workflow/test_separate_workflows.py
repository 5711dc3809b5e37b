"""Workflows of one app that would interfere with each other are refused."""

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, aws_dynamodb, aws_s3

from safelight import ImageWorkflow, WorkflowVersion


def workflow(stack: Stack, id: str, **arguments: Any) -> ImageWorkflow:
    return ImageWorkflow(stack, id, version=WorkflowVersion.V1, **arguments)


def bucket(stack: Stack, id: str, name: str) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, id, name)


@pytest.fixture
def app() -> App:
    return App(context={"safelight:platform": "local"})


def test_a_loop_through_a_bucket_that_is_imported_by_name_is_rejected(app: App) -> None:
    stack = Stack(app, "Photos")
    with pytest.raises(ValueError, match="published_bucket is upload_bucket"):
        workflow(
            stack,
            "Workflow",
            upload_bucket=aws_s3.Bucket(stack, "Uploads", bucket_name="pictures"),
            published_bucket=bucket(stack, "Published", "pictures"),
        )


def test_two_workflows_that_publish_into_each_other_s_uploads_are_rejected(app: App) -> None:
    one, other = Stack(app, "One"), Stack(app, "Other")
    first = workflow(one, "Workflow", published_bucket=bucket(one, "Published", "other-uploads"))
    with pytest.raises(ValueError, match=r"Other/Workflow would publish renditions under '' .* One/Workflow takes"):
        workflow(
            other,
            "Workflow",
            upload_bucket=aws_s3.Bucket(other, "Uploads", bucket_name="other-uploads"),
            published_bucket=first.upload_bucket,
        )


def test_a_workflow_that_publishes_into_the_uploads_of_an_earlier_one_is_rejected(app: App) -> None:
    stack = Stack(app, "Photos")
    first = workflow(stack, "First", key_prefix="site/in/")
    with pytest.raises(ValueError, match=r"Photos/Second would publish renditions under 'site/in/' .* Photos/First"):
        workflow(stack, "Second", published_bucket=first.upload_bucket, published_prefix="site/", key_prefix="in/")


def test_a_workflow_can_publish_next_to_the_uploads_of_another(app: App) -> None:
    stack = Stack(app, "Photos")
    first = workflow(stack, "First", key_prefix="incoming/")
    second = workflow(stack, "Second", published_bucket=first.upload_bucket, published_prefix="published/")
    assert second.published_bucket is first.upload_bucket


def of_one_name(app: App) -> list[Stack]:
    """Stacks of one name, whose workflows therefore have one id, in different accounts."""
    return [
        Stack(app, account, stack_name="Photos", env=Environment(account=account, region="eu-west-1"))
        for account in ("111122223333", "444455556666")
    ]


def test_workflows_of_one_id_are_accepted_with_a_table_each(app: App) -> None:
    ids = {
        workflow(stack, "Workflow", records=aws_dynamodb.Table.from_table_name(stack, "Records", "records")).workflow_id
        for stack in of_one_name(app)
    }
    assert ids == {"Photos.Workflow"}


def test_workflows_of_one_id_are_rejected_in_one_table(app: App) -> None:
    one, other = (Stack(app, id, stack_name="Photos") for id in ("One", "Other"))
    first = workflow(one, "Workflow")
    with pytest.raises(ValueError, match=r"Other/Workflow and One/Workflow have the same id 'Photos\.Workflow'"):
        workflow(other, "Workflow", records=first.records)
