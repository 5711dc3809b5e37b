"""What an image may be, as the workflow says it and as its functions read it."""

from dataclasses import asdict
from typing import Any

import pytest

import awskit.settings
from imagekit.decoding.limits import validate_header
from imagekit.formats.header import Header
from safelight import Limits, WorkflowVersion
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits as LimitsOfFunctions

READING = {
    WorkflowVersion.V1: {"resize"},
    WorkflowVersion.V2: {"moderate", "resize"},
    WorkflowVersion.V3: {"moderate", "resize", "check_dimensions"},
    WorkflowVersion.V4: {"moderate", "resize", "check_dimensions", "detect_labels"},
    WorkflowVersion.V5: {"prepare", "render"},
}
OTHERS = Limits(max_bytes=1_000_001, max_pixels=1_000_002, max_side=1003, max_frames=4, max_ratio=5, max_seconds=6)


def environments(built: Any) -> dict[str, dict[str, Any]]:
    functions = built.resources("AWS::Lambda::Function").values()
    variables = [function.get("Environment", {}).get("Variables", {}) for function in functions]
    return {found["POWERTOOLS_SERVICE_NAME"]: found for found in variables if "POWERTOOLS_SERVICE_NAME" in found}


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_function_that_reads_uploads_gets_the_limits(build: Any, version: WorkflowVersion) -> None:
    told = {
        name: {key: int(value) for key, value in found.items() if key.startswith("MAX_")}
        for name, found in environments(build(version=version, limits=OTHERS)).items()
    }
    expected = {name.upper(): value for name, value in asdict(OTHERS).items()}
    assert {name for name, limits in told.items() if limits} == READING[version]
    assert all(limits == expected for limits in told.values() if limits)


@pytest.mark.parametrize("limits", [OTHERS, Limits()])
def test_a_function_reads_the_limits_of_the_workflow(
    build: Any, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    for name, value in environments(build(limits=limits))["render"].items():
        if name.startswith("MAX_"):
            monkeypatch.setenv(name, value)
    assert asdict(awskit.settings.limits()) == asdict(limits)


@pytest.mark.parametrize("name", list(asdict(Limits())))
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_that_rejects_everything_is_rejected(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"Limits: {name}={value} rejects every image. Use at least 1"):
        Limits(**{name: value})


@pytest.mark.parametrize(("name", "most"), [("max_bytes", 104_857_600), ("max_pixels", 130_000_000)])
def test_a_limit_above_the_memory_is_rejected(name: str, most: int) -> None:
    Limits(**{name: most})
    with pytest.raises(
        ValueError, match=f"{name}={most + 1:,} is more than a function's memory can hold.*{most:,} at most"
    ):
        Limits(**{name: most + 1})


def test_the_functions_can_decode_the_highest_possible_max_pixels() -> None:
    header = Header(type=ImageType.JPEG, stored_width=13_000, stored_height=10_000)
    validate_header(header, size=10_000_000, limits=LimitsOfFunctions(max_pixels=130_000_000))


def test_max_seconds_equal_to_the_function_timeout_is_rejected(build: Any) -> None:
    build(version=WorkflowVersion.V1, limits=Limits(max_seconds=59))
    with pytest.raises(ValueError, match=r"max_seconds=60 is not below the timeout of Resizer.*Use less than 60\."):
        build(version=WorkflowVersion.V1, limits=Limits(max_seconds=60))


def test_the_shortest_function_timeout_limits_max_seconds(build: Any) -> None:
    with pytest.raises(ValueError, match=r"max_seconds=60 is not below the timeout of GetLabels.*Use less than 40\."):
        build(version=WorkflowVersion.V4, limits=Limits(max_seconds=60))
