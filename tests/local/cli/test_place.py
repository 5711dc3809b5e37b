"""The account and region that `safelight aws` and `safelight env` use."""

from pathlib import Path

import pytest
from tests.local.workflows import workflow

from safelight_local.cli._place import at_workflows
from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.errors import UserError

HERE = Endpoints(url="https://localhost:1", ca_bundle=Path("certificate.pem"))
IRELAND = Environment(account="111122223333", region="eu-west-1")
HOME_WORKFLOW = workflow(stack="Dev")
IN_IRELAND = workflow(stack="Prod", state_machine_arn="arn:aws:states:eu-west-1:111122223333:stateMachine:photos")


def test_tools_work_where_the_workflow_is() -> None:
    assert at_workflows(HERE, workflows=[IN_IRELAND], name=None).home == IRELAND


def test_tools_work_in_the_emulator_s_own_region_without_a_workflow() -> None:
    assert at_workflows(HERE, workflows=[], name=None) == HERE


def test_workflows_of_one_region_need_no_choice() -> None:
    assert at_workflows(HERE, workflows=[HOME_WORKFLOW, workflow(stack="Test")], name=None).home == HERE.home


def test_workflows_of_several_regions_need_a_choice() -> None:
    with pytest.raises(UserError, match=r"choose with --workflow one of Dev\.Workflow, Prod\.Workflow"):
        at_workflows(HERE, workflows=[HOME_WORKFLOW, IN_IRELAND], name=None)


def test_a_named_workflow_chooses_its_region() -> None:
    assert at_workflows(HERE, workflows=[HOME_WORKFLOW, IN_IRELAND], name="Prod/Workflow").home == IRELAND


def test_a_name_that_no_workflow_has_is_an_error() -> None:
    with pytest.raises(UserError):
        at_workflows(HERE, workflows=[], name="Prod/Workflow")
