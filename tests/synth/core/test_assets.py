"""What functions and layers are deployed under: it changes with what they are built for."""

import sys
from typing import Any

from safelight import Architecture, Platform, WorkflowVersion

NEWER = Platform(python="3.13", architecture=Architecture.X86_64, interpreter=sys.executable)
OLDER = Platform(python="3.12", architecture=Architecture.X86_64, interpreter=sys.executable)
OTHER_PROCESSOR = Platform(python="3.12", architecture=Architecture.ARM64, interpreter=sys.executable)
FOR_LAMBDA = Platform(python="3.12", architecture=Architecture.X86_64)


def asset_keys(build: Any, platform: Platform, *, resource: str, content: str) -> set[str]:
    made = build(version=WorkflowVersion.V1, platform=platform).resources(resource)
    keys = {properties[content]["S3Key"] for properties in made.values()}
    assert len(keys) == len(made) > 1
    return keys


def test_the_same_function_for_another_python_is_another_asset(build: Any) -> None:
    # Under the same key, code would stay in place that was compiled for the Python before.
    newer, older = (
        asset_keys(build, platform, resource="AWS::Lambda::Function", content="Code") for platform in (NEWER, OLDER)
    )
    assert newer.isdisjoint(older)


def test_the_same_layer_for_another_python_processor_or_system_is_another_asset(build: Any) -> None:
    platforms = (NEWER, OLDER, OTHER_PROCESSOR, FOR_LAMBDA)
    found = [
        key
        for platform in platforms
        for key in asset_keys(build, platform, resource="AWS::Lambda::LayerVersion", content="Content")
    ]
    assert len(set(found)) == len(found) == 2 * len(platforms)
