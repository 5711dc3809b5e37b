"""A workflow that calls Rekognition in a region without it gets a warning."""

import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Annotations, Match

from safelight import Check, Detector, ImageWorkflow, Route, WorkflowVersion
from safelight_contracts.rekognition import REGIONS

ENDPOINTS = Path(botocore.__file__).with_name("data") / "endpoints.json"


def warnings(outdir: Path, *, region: str | None, **arguments: Any) -> list[Any]:
    app = App(outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False)
    stack = Stack(app, "Test", env=Environment(account="111122223333", region=region) if region else None)
    ImageWorkflow(stack, "Workflow", **arguments)
    return list(Annotations.from_stack(stack).find_warning("/Test/Workflow", Match.string_like_regexp("Rekognition")))


def test_the_regions_are_those_of_botocore_s_endpoints() -> None:
    known = {
        region
        for partition in json.loads(ENDPOINTS.read_text())["partitions"]
        for region in partition["services"].get("rekognition", {}).get("endpoints", {})
        if region in partition["regions"]
    }
    assert known == REGIONS


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_version_warns_if_its_steps_call_rekognition(tmp_path: Path, version: WorkflowVersion) -> None:
    calls = version is not WorkflowVersion.V1
    (*found,) = warnings(tmp_path, region="eu-north-1", version=version)
    assert len(found) == calls
    if calls:
        assert "eu-north-1 has no Rekognition" in str(found[0].entry.data)


@pytest.mark.parametrize("region", ["eu-west-1", None], ids=["a region that has it", "a region that is not known"])
def test_there_is_no_warning_otherwise(tmp_path: Path, region: str | None) -> None:
    assert warnings(tmp_path, region=region) == []


def test_there_is_no_warning_if_no_check_needs_rekognition(tmp_path: Path) -> None:
    route = Route(checks=[Check.no_people()])
    arguments = {"default_route": route, "detector": Detector.OPENCV}
    assert warnings(tmp_path, region="eu-north-1", **arguments) == []
