"""One file describes a step; what else names the steps is held to it."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from tools.fault_lab.cases import FUNCTION_CALLS

from safelight import WorkflowVersion
from safelight.image_workflow.checks import CheckKind
from safelight.image_workflow.definitions import function_placeholder
from safelight.image_workflow.steps import STEP_DEFINITIONS

ROOT = Path(__file__).parents[3]
STEPS = ROOT / "constructs" / "safelight" / "image_workflow" / "steps"
LAMBDAS = ROOT / "lambdas"
IMPORT_RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
V5 = {
    id
    for id in STEP_DEFINITIONS
    if function_placeholder(id) in WorkflowVersion.V5.definition.read_text() or id in {kind.step for kind in CheckKind}
}

each_step = pytest.mark.parametrize("id", sorted(STEP_DEFINITIONS))


def test_every_file_is_a_step_and_every_step_has_a_file() -> None:
    assert len(STEP_DEFINITIONS) == len([path for path in STEPS.glob("*.py") if path.name != "__init__.py"])


@each_step
def test_a_step_has_a_function_to_build(id: str) -> None:
    assert (LAMBDAS / "image_workflow" / STEP_DEFINITIONS[id].package / "handler.py").exists()


def test_a_step_has_a_package_that_no_other_has() -> None:
    packages = [step.package for step in STEP_DEFINITIONS.values()]
    assert sorted(set(packages)) == sorted(packages)


def test_a_step_of_v5_has_one_name() -> None:
    for id in V5:
        assert STEP_DEFINITIONS[id].package.title().replace("_", "") == id
    assert {kind.value for kind in CheckKind} <= {STEP_DEFINITIONS[id].package for id in V5}


@each_step
def test_the_file_of_a_step_has_the_name_of_its_package(id: str) -> None:
    assert (STEPS / f"{STEP_DEFINITIONS[id].package}.py").exists()


@pytest.mark.parametrize("id", sorted(V5))
def test_every_call_of_a_step_of_v5_is_a_fault_case_and_no_other_is(id: str) -> None:
    assert {call for step, call, *_ in FUNCTION_CALLS if step == id} == STEP_DEFINITIONS[id].calls


def test_fault_cases_are_about_steps() -> None:
    assert {step for step, *_ in FUNCTION_CALLS} == V5


def test_the_import_rules_know_every_package_of_lambdas() -> None:
    packages = {path.parent.name for path in LAMBDAS.glob("*/__init__.py")}
    ours = {"safelight", "safelight_contracts", "safelight_models", "safelight_local"}
    assert set(IMPORT_RULES["root_packages"]) == ours | packages


def test_the_pages_of_the_steps_permissions_name_every_step_of_v5() -> None:
    page = (ROOT / "docs" / "explanation" / "security.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([A-Z]\w+)`", rows)) == V5


def test_a_definition_names_only_steps() -> None:
    for version in WorkflowVersion:
        text = json.dumps(json.loads(version.definition.read_text()))
        assert set(re.findall(r"\$\{(\w+)FunctionArn\}", text)) <= STEP_DEFINITIONS.keys()
