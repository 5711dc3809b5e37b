"""cdk-nag's AwsSolutions pack passes; what it would find on purpose is acknowledged with a reason."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, aws_s3
from tests.synth.image_workflow.monitored import Monitored
from tests.synth.image_workflow.nag import findings
from tests.synth.image_workflow.templates import EVERY_CHECK

from safelight import ImageWorkflow, OnDelete, OnReject, Reprocess, WorkflowVersion


def existing(stack: Stack) -> aws_s3.IBucket:
    return aws_s3.Bucket.from_bucket_name(stack, "Existing", "holiday-photos")


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_version_passes_with_its_monitoring_and_a_reprocess(build_own: Any, version: WorkflowVersion) -> None:
    built = build_own(version=version)
    Monitored(built, email="ops@example.com")
    Reprocess(built.stack, "Again", workflow=built.workflow)
    assert findings(built.app) == []


def test_a_workflow_and_a_reprocess_pass_where_account_and_region_are_not_known(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), context={"safelight:platform": "local"})
    stack = Stack(app, "Test")
    Reprocess(stack, "Again", workflow=ImageWorkflow(stack, "Workflow", version=WorkflowVersion.V1))
    assert findings(app) == []


@pytest.mark.parametrize(
    "on_reject",
    [OnReject.QUARANTINE, *(pytest.param(it, marks=pytest.mark.thorough) for it in (OnReject.KEEP, OnReject.DELETE))],
)
def test_it_passes_with_every_on_reject(build_own: Any, on_reject: OnReject) -> None:
    built = build_own(
        on_reject=on_reject, on_delete=OnDelete.WITHDRAW, key_prefix="incoming/", routes={"id-card": EVERY_CHECK}
    )
    assert findings(built.app) == []


def test_a_workflow_on_an_existing_bucket_under_a_prefix_passes_too(build_own: Any) -> None:
    built = build_own(upload_bucket=existing, key_prefix="incoming/", published_prefix="published/")
    assert findings(built.app) == []


def test_an_acknowledgement_applies_to_the_workflow_only(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    aws_s3.Bucket(built.stack, "SomebodyElses")
    assert {"AwsSolutions-S10", "AwsSolutions-S1"} <= set(findings(built.app))


def test_the_findings_include_the_cdk_s_own_validation(build_own: Any) -> None:
    built = build_own(version=WorkflowVersion.V1)
    aws_s3.CfnBucket(built.stack, "SomebodyElses").add_property_override("NoSuchProperty", 1)
    assert [rule for rule in findings(built.app) if not rule.startswith("AwsSolutions")]
