"""The released definitions as tests read them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STATE_MACHINES = ROOT / "statemachines"
DEFINITIONS = sorted(STATE_MACHINES.rglob("*.asl.json"))
IMAGE_WORKFLOW = STATE_MACHINES / "image_workflow"
WORKFLOWS = sorted(IMAGE_WORKFLOW.glob("*.asl.json"))
REPROCESS = IMAGE_WORKFLOW / "reprocess" / "v1.asl.json"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

# "Transforming data with JSONata in Step Functions" in its developer guide: the version that runs expressions.
JSONATA_IN_STEP_FUNCTIONS = "2.0.6"

# A state machine's states, or those inside a Map.
States = dict[str, dict[str, Any]]


class ExpressionError(Exception):
    """An expression raised an error."""


def read(path: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(path.read_text())
    return definition


def workflow(version: str) -> dict[str, Any]:
    return read(IMAGE_WORKFLOW / f"{version}.asl.json")


def machines(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a state machine and those inside its Maps."""
    yield definition
    for state in definition["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def states(definition: dict[str, Any], kind: str) -> States:
    """Return all states of a type, those inside Maps too."""
    return {
        name: state
        for machine in machines(definition)
        for name, state in machine["States"].items()
        if state["Type"] == kind
    }


def ways_on(state: dict[str, Any]) -> Iterator[str]:
    """Yield the states that follow one when nothing breaks."""
    for key in ("Next", "Default"):
        if key in state:
            yield state[key]
    for choice in state.get("Choices", []):
        yield choice["Next"]


def expressions(value: Any) -> Iterator[str]:
    """Yield the JSONata in a part of a definition."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from expressions(part)
    elif isinstance(value, list):
        for part in value:
            yield from expressions(part)


def variables_read(value: Any) -> set[str]:
    """Return the variables that the JSONata in a part of a definition reads, Step Functions' own left out."""
    found: set[str] = set()
    for expression in expressions(value):
        code = re.sub(r"'[^']*'", "''", expression)
        own = set(re.findall(r"\$(\w+)\s*:=", code))
        found |= set(re.findall(r"\$([A-Za-z]\w*)\b(?!\s*\()", code)) - own - {"states"}
    return found


@cache
def _evaluator() -> "subprocess.Popen[str]":
    node = shutil.which("node", path=PATH)
    assert node is not None, "Node.js is not installed: run 'make setup'"
    command = [node, str(Path(__file__).with_name("evaluate.mjs"))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def _ask(question: dict[str, Any]) -> dict[str, dict[str, Any]]:
    process = _evaluator()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    answers: dict[str, dict[str, Any]] = json.loads(process.stdout.readline())
    return answers


def _code(expression: str) -> str:
    return expression.removeprefix("{%").removesuffix("%}")


def parse_errors(expression: str) -> dict[str, str | None]:
    """Return what each version of JSONata finds wrong with an expression, by version; None where it parses."""
    return {version: answer.get("error") for version, answer in _ask({"expression": _code(expression)}).items()}


def evaluate_each(expression: str, **variables: Any) -> dict[str, dict[str, Any]]:
    """Evaluate a definition's JSONata with each version of the reference implementation: ``value`` or ``error``."""
    return _ask({"expression": _code(expression), "variables": variables})


def evaluate(expression: str, **variables: Any) -> Any:
    """Evaluate a definition's JSONata where every version agrees; None when it is undefined or null.

    Raises
    ------
    ExpressionError
        When it raises an error in every version.
    AssertionError
        When the versions give different values, or some raise and some do not.
    """
    answers = evaluate_each(expression, **variables)
    assert JSONATA_IN_STEP_FUNCTIONS in answers, f"node_modules holds JSONata {sorted(answers)}: run 'npm ci'"
    documented = answers[JSONATA_IN_STEP_FUNCTIONS]
    if all("error" in answer for answer in answers.values()):
        raise ExpressionError(documented["error"])
    assert all(answer == documented for answer in answers.values()), answers
    return documented.get("value")
