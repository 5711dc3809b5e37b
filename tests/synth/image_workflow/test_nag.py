"""cdk-nag's AwsSolutions pack passes; what it would find on purpose is acknowledged with a reason."""

from typing import Any

import pytest
from aws_cdk import Stack, aws_s3
from tests.synth.image_workflow.nag import findings

from safelight import Check, OnDelete, OnReject, Route, WorkflowVersion

EVERY_CHECK = Route(
    checks=[
        Check.moderation(),
        Check.no_people(),
        Check.labels(required=["Person"]),
        Check.words(required=["NEW YORK"]),
    ]
)


def existing(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Existing", "holiday-photos")


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_version_passes_the_aws_solutions_pack(build: Any, version: WorkflowVersion) -> None:
    built = build(version=version)
    assert findings(built.app) == []


@pytest.mark.parametrize("on_reject", list(OnReject))
def test_whatever_becomes_of_rejected_uploads_it_passes(build: Any, on_reject: OnReject) -> None:
    built = build(
        on_reject=on_reject, on_delete=OnDelete.WITHDRAW, key_prefix="incoming/", routes={"id-card": EVERY_CHECK}
    )
    assert findings(built.app) == []


def test_a_workflow_on_an_existing_bucket_under_a_prefix_passes_too(build: Any) -> None:
    built = build(upload_bucket=existing, key_prefix="incoming/", published_prefix="published/")
    assert findings(built.app) == []


def test_an_acknowledgement_reaches_no_further_than_the_workflow(build: Any) -> None:
    built = build(version=WorkflowVersion.V1)
    aws_s3.Bucket(built.stack, "SomebodyElses")
    assert {"AwsSolutions-S1", "AwsSolutions-S10"} <= set(findings(built.app))
