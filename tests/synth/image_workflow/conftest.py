"""Fixtures of the tests of ImageWorkflow."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.synth.image_workflow.monitored import Monitored
from tests.synth.image_workflow.sharing import lock, once_for_the_same
from tests.synth.image_workflow.synthesised import Synthesised

from safelight import WorkflowVersion


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Monitored]:
    """Synthesise a monitored workflow with the arguments of its monitoring, once for all tests that give the same."""

    def build_with(version: WorkflowVersion = WorkflowVersion.V4, **arguments: Any) -> Monitored:
        built = Synthesised(outdir=tmp_path_factory.mktemp("monitored"), arguments={"version": version})
        subject = Monitored(built, **arguments)
        lock(built.app)
        return subject

    return once_for_the_same(build_with)
