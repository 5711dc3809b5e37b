"""Fixtures of the tests of ImageWorkflow."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.synth.image_workflow.monitored import Monitored
from tests.synth.image_workflow.sharing import lock, once_for_the_same
from tests.synth.image_workflow.synthesised import Synthesised

from safelight import WorkflowVersion

NEWEST = list(WorkflowVersion)[-1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of every version but the newest as thorough: each synthesises, which takes up to a second."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(Path(__file__).parent):
            parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
            if any(isinstance(it, WorkflowVersion) and it is not NEWEST for it in parameters):
                item.add_marker("thorough")


@pytest.fixture(scope="session")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Monitored]:
    """Synthesise a monitored workflow with the arguments of its monitoring, once for all tests that give the same."""

    def build_with(version: WorkflowVersion = WorkflowVersion.V4, **arguments: Any) -> Monitored:
        built = Synthesised(outdir=tmp_path_factory.mktemp("monitored"), arguments={"version": version})
        subject = Monitored(built, **arguments)
        lock(built.app)
        return subject

    return once_for_the_same(build_with)
