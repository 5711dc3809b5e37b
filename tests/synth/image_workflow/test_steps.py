"""One file describes a step; what else names the steps is held to it."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from tools.fault_lab.cases import FUNCTION_CALLS

from safelight import WorkflowVersion
from safelight.image_workflow.checks import CheckKind
from safelight.image_workflow.definitions import function_placeholder, placeholders
from safelight.image_workflow.steps import BACKGROUND_DEFINITIONS, STEP_DEFINITIONS
from safelight_contracts.redaction.redact import Redact, detections_of

ROOT = Path(__file__).parents[3]
STEPS = ROOT / "constructs" / "safelight" / "image_workflow" / "steps"
LAMBDAS = ROOT / "lambdas"
FUNCTIONS = {**STEP_DEFINITIONS, **BACKGROUND_DEFINITIONS}


def invoked_by(version: WorkflowVersion) -> set[str]:
    """Return the ids of the steps that a version can invoke."""
    names = placeholders(version.definition.read_text())
    checks = {kind.step for kind in CheckKind} if "Checks" in names else set()
    return {id for id in STEP_DEFINITIONS if function_placeholder(id) in names} | checks


V5 = invoked_by(WorkflowVersion.V5)

each_function = pytest.mark.parametrize("id", sorted(FUNCTIONS))


def test_every_file_is_a_function_and_every_function_has_a_file() -> None:
    files = {path.stem for path in STEPS.glob("*.py") if path.name != "__init__.py"}
    assert files == {function.package for function in FUNCTIONS.values()}
    assert len(FUNCTIONS) == len(files)


@each_function
def test_a_function_has_a_handler_to_build(id: str) -> None:
    assert (LAMBDAS / "image_workflow" / FUNCTIONS[id].package / "handler.py").exists()


def test_every_handler_has_a_file_that_describes_its_function() -> None:
    packages = {path.parent.name for path in (LAMBDAS / "image_workflow").glob("*/handler.py")}
    assert packages == {function.package for function in FUNCTIONS.values()}


@each_function
def test_the_file_of_a_function_names_the_versions_that_use_it(id: str) -> None:
    docstring = import_module(f"safelight.image_workflow.steps.{FUNCTIONS[id].package}").__doc__
    # Every version has the background functions.
    using = [version for version in WorkflowVersion if id in BACKGROUND_DEFINITIONS or id in invoked_by(version)]
    assert docstring is not None
    assert docstring.endswith(f"({in_words(using)}).")


def in_words(versions: list[WorkflowVersion]) -> str:
    names = [version.value for version in versions]
    return f"{names[0]} to {names[-1]}" if len(names) > 2 else ", ".join(names)


def test_every_step_of_v5_has_the_same_name_everywhere() -> None:
    for id in V5:
        assert STEP_DEFINITIONS[id].package.title().replace("_", "") == id
    assert {kind.value for kind in CheckKind} <= {STEP_DEFINITIONS[id].package for id in V5}


@pytest.mark.parametrize("id", sorted(V5))
def test_the_fault_cases_are_exactly_the_calls_of_v5_steps(id: str) -> None:
    # A route that redacts plates adds all calls that find what is covered.
    added = set(detections_of(Redact(plates=True))) if id == "Render" else set()
    assert {call for step, call, *_ in FUNCTION_CALLS if step == id} == STEP_DEFINITIONS[id].calls | added


def test_fault_cases_are_about_steps() -> None:
    assert {step for step, *_ in FUNCTION_CALLS} == V5


def test_the_pages_of_the_steps_permissions_name_every_step_of_v5() -> None:
    page = (ROOT / "docs" / "explanation" / "security.md").read_text()
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([A-Z]\w+)`", rows)) == V5


def test_a_definition_names_only_steps() -> None:
    for version in WorkflowVersion:
        text = json.dumps(json.loads(version.definition.read_text()))
        assert set(re.findall(r"\$\{(\w+)FunctionArn\}", text)) <= STEP_DEFINITIONS.keys()
