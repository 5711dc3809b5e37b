"""A delivery of what a workflow has published: URLs name uploads."""

import json
from typing import Any

import pytest
from aws_cdk import Stack, aws_dynamodb, aws_events, aws_s3
from tests.synth.delivery.test_least_privilege import allowed

WORKFLOW: dict[str, Any] = {
    "source": lambda stack: aws_s3.Bucket(stack, "Photos"),
    "records": lambda stack: aws_dynamodb.Table.from_table_name(stack, "Records", "records"),
    "workflow_id": "Test.Workflow",
    "rendition": "master",
    "published_prefix": "published/",
    "key_prefix": "incoming/",
}


def bus(stack: Stack) -> aws_events.IEventBus:
    return aws_events.EventBus.from_event_bus_name(stack, "Outcomes", "outcomes")


def test_the_functions_know_the_records(build_own: Any) -> None:
    built = build_own(**WORKFLOW)
    for id in ("Make", "Forget"):
        told = json.dumps(built.environment(id)["DELIVERY"]).replace("\\", "")
        source = {"table": "records", "workflow": "Test.Workflow", "rendition": "master", "key_prefix": "incoming/"}
        assert f'"records":{json.dumps(source, separators=(",", ":"))}' in told


def test_the_maker_reads_renditions_of_uploads_and_what_places_say(build_own: Any) -> None:
    built = build_own(**WORKFLOW)
    assert ("s3:GetObject", "Photos/published/incoming/*") in allowed(built, "Make")
    (policy,) = (it for name, it in built.resources("AWS::IAM::Policy").items() if name.startswith("CdnMakeRole"))
    (statement,) = (it for it in policy["PolicyDocument"]["Statement"] if it["Action"] == "dynamodb:GetItem")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["PLACE#*"]}}


def test_every_outcome_of_the_workflow_is_heard_on_its_bus(build_own: Any) -> None:
    (rule,) = build_own(**WORKFLOW, event_bus=bus).resources("AWS::Events::Rule").values()
    assert rule["EventBusName"] == "outcomes"
    assert rule["EventPattern"] == {
        "source": ["safelight"],
        "detail-type": ["Image Published", "Image Rejected", "Image Failed", "Image Withdrawn"],
        "detail": {"workflow": ["Test.Workflow"]},
    }


@pytest.mark.parametrize("missing", ["workflow_id", "rendition"])
def test_records_need_the_workflow_and_the_rendition(build_own: Any, missing: str) -> None:
    with pytest.raises(ValueError, match=r"records needs workflow_id and rendition.*rendition='master'"):
        build_own(**{name: value for name, value in WORKFLOW.items() if name != missing})


def test_what_is_for_records_needs_them(build_own: Any) -> None:
    with pytest.raises(ValueError, match="workflow_id, rendition, published_prefix is for the records of a workflow"):
        build_own(**{name: value for name, value in WORKFLOW.items() if name != "records"})
