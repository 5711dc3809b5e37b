"""A workflow gets a warning in a region without Rekognition, and an error in a region of another partition."""

import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Annotations, Match

from safelight import Check, Detector, ImageWorkflow, Route, WorkflowVersion
from safelight.core.regions import validate_partition
from safelight_contracts.rekognition import REGIONS

ENDPOINTS = Path(botocore.__file__).with_name("data") / "endpoints.json"


def warnings(outdir: Path, *, region: str | None, **arguments: Any) -> list[Any]:
    app = App(outdir=str(outdir), context={"safelight:platform": "local"}, builtin_cloud_formation_validation=False)
    stack = Stack(app, "Test", env=Environment(account="111122223333", region=region) if region else None)
    ImageWorkflow(stack, "Workflow", **arguments)
    return list(Annotations.from_stack(stack).find_warning("/Test/Workflow", Match.string_like_regexp("Rekognition")))


def partitions() -> dict[str, Any]:
    return {it["partition"]: it for it in json.loads(ENDPOINTS.read_text())["partitions"]}


REGIONS_OF = {name: sorted(partition["regions"]) for name, partition in partitions().items()}


def test_the_regions_are_those_of_botocore_s_endpoints() -> None:
    endpoints = partitions()["aws"]["services"]["rekognition"]["endpoints"]
    assert endpoints.keys() & set(REGIONS_OF["aws"]) == REGIONS


@pytest.mark.parametrize("region", [region for name, of in REGIONS_OF.items() if name != "aws" for region in of])
def test_a_region_of_another_partition_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match=f"the region {region} is not in the partition 'aws'.*such as eu-west-1"):
        validate_partition(Stack(App(), "Test", env=Environment(region=region)))


@pytest.mark.parametrize("region", [*REGIONS_OF["aws"], None])
def test_a_region_of_the_partition_aws_or_one_that_is_not_known_is_accepted(region: str | None) -> None:
    validate_partition(Stack(App(), "Test", env=Environment(region=region)))


def test_a_workflow_in_a_region_of_another_partition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Test/Workflow: the region us-gov-west-1"):
        warnings(tmp_path, region="us-gov-west-1")


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
