"""Fixtures of the tests of ImageWorkflow."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.synth.image_workflow.monitored import Monitored

from safelight import WorkflowVersion


@pytest.fixture
def monitored(build: Any) -> Callable[..., Monitored]:
    """Synthesise a monitored workflow with the arguments of both."""

    def build_with(version: WorkflowVersion = WorkflowVersion.V4, **arguments: Any) -> Monitored:
        return Monitored(build(version=version), **arguments)

    return build_with
