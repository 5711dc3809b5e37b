"""The workflow of each version as a template: its states, functions, roles, and who may do what."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from safelight import Check, Route

EVERY_CHECK = Route(
    checks=[
        Check.moderation(),
        Check.no_people(),
        Check.labels(required=["Person"]),
        Check.words(required=["NEW YORK"]),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One action that a role may take on one resource; ``on`` is the resource in JSON."""

    action: str
    on: str


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def referenced(value: Any) -> set[str]:
    """Return the logical ids that a part of a template refers to."""
    if isinstance(value, list):
        return {name for part in value for name in referenced(part)}
    if not isinstance(value, dict):
        return set()
    found = {name for part in value.values() for name in referenced(part)}
    if "Ref" in value:
        found.add(value["Ref"])
    if "Fn::GetAtt" in value:
        found.add(value["Fn::GetAtt"][0])
    return found


def states_of(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the states of a definition by name, those inside Map and Parallel states too."""
    for name, state in definition["States"].items():
        yield name, state
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner is not None:
                yield from states_of(inner)


@dataclass(frozen=True)
class WorkflowTemplate:
    """A template with one workflow, and with its reprocess where the test added one."""

    document: Mapping[str, Any]

    def resources(self, type_name: str) -> dict[str, dict[str, Any]]:
        """Properties of the resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.document["Resources"].items()
            if resource["Type"] == type_name
        }

    @cached_property
    def machine(self) -> dict[str, Any]:
        machines = self.resources("AWS::StepFunctions::StateMachine")
        (machine,) = (machine for name, machine in machines.items() if name.startswith("Workflow"))
        return machine

    @cached_property
    def reprocess(self) -> dict[str, Any]:
        machines = self.resources("AWS::StepFunctions::StateMachine")
        (machine,) = (machine for name, machine in machines.items() if name.startswith("Again"))
        return machine

    @cached_property
    def states(self) -> dict[str, dict[str, Any]]:
        return dict(states_of(json.loads(self.machine["DefinitionString"])))

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        return self.resources("AWS::Lambda::Function")

    @cached_property
    def invocations(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The functions that each state may invoke, by the state's name."""
        invoking = {
            name: json.dumps(state["Arguments"]["FunctionName"])
            for name, state in self.states.items()
            if state.get("Resource") == "arn:aws:states:::lambda:invoke"
        }
        found = {name: self._functions_in(text) for name, text in invoking.items()}
        named = {function for functions in found.values() for function in functions}
        # A state that names no function looks it up in what another state has read.
        looked_up = self._functions_in(self.machine["DefinitionString"]).keys() - named
        return {
            name: functions or {function: self.functions[function] for function in looked_up}
            for name, functions in found.items()
        }

    def _functions_in(self, text: str) -> dict[str, dict[str, Any]]:
        substitutions = self.machine["DefinitionSubstitutions"]
        names = {
            name for placeholder in re.findall(r"\$\{(\w+)\}", text) for name in referenced(substitutions[placeholder])
        }
        versions = self.resources("AWS::Lambda::Version")
        names |= {name for version in names & versions.keys() for name in referenced(versions[version])}
        return {name: self.functions[name] for name in names & self.functions.keys()}

    def told(self, variable: str) -> list[Any]:
        """What a variable of the environment says, of each function that has it."""
        environments = [it["Environment"]["Variables"] for it in self.functions.values() if "Environment" in it]
        return [environment[variable] for environment in environments if variable in environment]

    def permissions(self) -> dict[str, set[Permission]]:
        """What each role may do, by the role's logical id."""
        granted: dict[str, set[Permission]] = {name: set() for name in self.resources("AWS::IAM::Role")}
        for policy in self.resources("AWS::IAM::Policy").values():
            for role in referenced(policy["Roles"]):
                for statement in policy["PolicyDocument"]["Statement"]:
                    assert statement["Effect"] == "Allow"
                    granted[role] |= {
                        Permission(action=action, on=json.dumps(resource))
                        for action in listed(statement["Action"])
                        for resource in listed(statement["Resource"])
                    }
        return granted
