"""Which execution ``safelight show`` means by a text."""

import pytest
from tests.local.small_workflow import deploy_small_workflow, start

from safelight_local.aws.deployment import DeployedWorkflow
from safelight_local.aws.executions import find_execution
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError


@pytest.fixture(scope="module")
def workflow(emulator: Emulator) -> DeployedWorkflow:
    return deploy_small_workflow(emulator.endpoints, stack="Found")


@pytest.fixture(scope="module")
def arns(emulator: Emulator, workflow: DeployedWorkflow) -> list[str]:
    """Two executions of one key, the older first, and one of another key."""
    keys = ("park/a.jpg", "park/a.jpg", "park/b.jpg")
    return [start(emulator.endpoints, workflow=workflow, key=key) for key in keys]


def found(emulator: Emulator, workflow: DeployedWorkflow, named: str) -> str:
    return find_execution(emulator.endpoints, named=named, workflows=[workflow])[1].arn


def test_by_arn_and_by_name(emulator: Emulator, workflow: DeployedWorkflow, arns: list[str]) -> None:
    assert found(emulator, workflow, arns[0]) == arns[0]
    assert found(emulator, workflow, arns[0].rpartition(":")[2]) == arns[0]


def test_by_the_beginning_of_its_name(emulator: Emulator, workflow: DeployedWorkflow, arns: list[str]) -> None:
    name = arns[0].rpartition(":")[2]
    assert found(emulator, workflow, name[:-1]) == arns[0]


def test_by_the_key_of_its_upload_the_latest(emulator: Emulator, workflow: DeployedWorkflow, arns: list[str]) -> None:
    assert found(emulator, workflow, "park/a.jpg") == arns[1]
    assert found(emulator, workflow, "park/b.jpg") == arns[2]


@pytest.mark.usefixtures("arns")
def test_an_ambiguous_name_prefix_is_rejected(emulator: Emulator, workflow: DeployedWorkflow) -> None:
    with pytest.raises(UserError, match="the names of 3 executions begin with "):
        found(emulator, workflow, "")


@pytest.mark.usefixtures("arns")
def test_an_unknown_execution_name_is_rejected(emulator: Emulator, workflow: DeployedWorkflow) -> None:
    with pytest.raises(UserError, match=r"there is no execution park/c\.jpg: run `safelight executions`"):
        found(emulator, workflow, "park/c.jpg")
