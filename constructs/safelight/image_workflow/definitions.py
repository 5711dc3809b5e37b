"""A workflow's definition: its text, the steps that it invokes, and the arguments that it uses."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelight.core.state_machine import states_of
from safelight.image_workflow.checks import CheckKind
from safelight.image_workflow.steps import STEP_DEFINITIONS
from safelight.image_workflow.versions import WorkflowVersion
from safelight_contracts.executions import LONGEST_EXECUTION
from safelight_contracts.image_types import ImageType

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9]+)\}")
_FUNCTION_ARN = "FunctionArn"
_ROUTES = frozenset({"routes", "default_route"})

RESOURCE_PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "RecordsTableName": frozenset(),
    "WorkflowId": frozenset(),
    "EventBusName": frozenset(),
    "KeyPrefix": frozenset(),
    "Routes": _ROUTES,
    # The functions of the checks are behind it, so that what they use is used.
    "Checks": _ROUTES.union(*(STEP_DEFINITIONS[kind.step].arguments for kind in CheckKind)),
    "OnReject": frozenset({"on_reject"}),
}
"""Placeholders of resources and settings, and the arguments that each uses."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An Amazon States Language document and what it needs.

    Parameters
    ----------
    label
        Its name in messages.
    version
        The version in records and events: its name, or ``own`` for the user's own definition.
    text
        ASL in JSON, with placeholders.
    step_ids
        Keys of ``STEP_DEFINITIONS`` that it invokes.
    resource_placeholders
        Those of ``RESOURCE_PLACEHOLDERS`` that it has.
    default_min_pixels
        The default of ``min_pixels``.
    default_allowed_types
        The default of ``allowed_types``.
    """

    label: str
    version: str
    text: str
    step_ids: frozenset[str]
    resource_placeholders: frozenset[str]
    default_min_pixels: int
    default_allowed_types: tuple[ImageType, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        return placeholders(self.text)

    @property
    def makes_checks(self) -> bool:
        """Whether the routes decide which functions it invokes."""
        return "Checks" in self.resource_placeholders

    @property
    def check_timeout(self) -> int | None:
        """Seconds that it waits for a check. ``None`` if it makes none."""
        return min((state["TimeoutSeconds"] for state in states_of(self.text) if _checks(state)), default=None)


def read_definition(*, version: WorkflowVersion | None, path: Path | None, functions: Iterable[str]) -> Definition:
    """Read a released definition, or the user's own.

    Parameters
    ----------
    version
        Default: the newest, if there is no ``path``.
    path
        The user's own ASL file.
    functions
        Names of the user's own functions.

    Raises
    ------
    ValueError
        If both are given, the file is unreadable, its executions can last too long, a placeholder is unknown, or a
        function is never invoked.
    """
    if path is not None and version is not None:
        raise ValueError(
            f"definition={str(path)!r} and version={version} are both given, but a workflow has only one definition. "
            "Omit one of them."
        )
    own = frozenset(functions)
    if own and path is None:
        raise ValueError(
            f"functions={sorted(own)} are given, but only a definition of your own can invoke them. Add definition=, "
            "or omit functions."
        )
    release = version or WorkflowVersion.V5
    label = f"version {release.value}" if path is None else f"definition {path.name!r}"
    text = _read(path or release.definition)
    _validate_timeout(text, label=label)
    names = placeholders(text)
    invoked = frozenset(name.removesuffix(_FUNCTION_ARN) for name in names if name.endswith(_FUNCTION_ARN))
    if clash := own & STEP_DEFINITIONS.keys():
        raise ValueError(f"functions={sorted(clash)} are names of Safelight's own steps. Choose other names.")
    known = RESOURCE_PLACEHOLDERS.keys() | _function_arns(STEP_DEFINITIONS.keys() | own)
    if unknown := names - known:
        raise ValueError(
            f"{label} has unknown placeholders: {sorted(unknown)}. The known placeholders are {sorted(known)}. "
            f"To use ${{Name{_FUNCTION_ARN}}}, pass your own function as functions={{'Name': function}}."
        )
    if ("Routes" in names) != ("Checks" in names):
        raise ValueError(
            f"{label} has only one of the placeholders ${{Routes}} and ${{Checks}}. A route names checks, and "
            "${Checks} has their functions. Use both, or neither."
        )
    if idle := own - invoked:
        raise ValueError(
            f"{label} never invokes functions={sorted(idle)}. Give a Task the FunctionName "
            f"'${{{min(idle)}{_FUNCTION_ARN}}}', or omit them."
        )
    return Definition(
        label=label,
        version=release.value if path is None else "own",
        text=text,
        step_ids=invoked - own,
        resource_placeholders=names & RESOURCE_PLACEHOLDERS.keys(),
        default_min_pixels=release.default_min_pixels,
        # Prepare decodes every type. Check Dimensions reads headers only.
        default_allowed_types=release.default_allowed_types if "Prepare" in invoked else (ImageType.JPEG,),
    )


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the placeholders ``${Name}`` in a definition."""
    return frozenset(_PLACEHOLDER.findall(text))


def function_placeholder(name: str) -> str:
    """Return the placeholder of a function's ARN."""
    return f"{name}{_FUNCTION_ARN}"


def validate_used(arguments: Mapping[str, object], *, definition: Definition) -> None:
    """Validate that a step of a definition uses each argument.

    Parameters
    ----------
    arguments
        Values by name. ``None`` means that the argument was not given.

    Raises
    ------
    ValueError
        If no step uses it. The message names the argument, and the versions that use it.
    """
    used = _arguments_used(definition.placeholders)
    for name, value in arguments.items():
        if value is None or name in used:
            continue
        versions = [
            version.value
            for version in WorkflowVersion
            if name in _arguments_used(placeholders(_read(version.definition)))
        ]
        raise ValueError(
            f"{name} is given, but {definition.label} has no step that uses it. Omit {name}, or choose a version "
            f"that has one: {', '.join(versions)}."
        )


def _arguments_used(names: frozenset[str]) -> frozenset[str]:
    by_steps = {function_placeholder(id): step.arguments for id, step in STEP_DEFINITIONS.items()}
    every = {**by_steps, **RESOURCE_PLACEHOLDERS}
    return frozenset(argument for name in names for argument in every.get(name, ()))


def _function_arns(names: Iterable[str]) -> frozenset[str]:
    return frozenset(function_placeholder(name) for name in names)


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        states = json.loads(text)["States"]
    except OSError as error:
        raise ValueError(f"definition={str(path)!r} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        states = None
    if not isinstance(states, dict):
        raise ValueError(f"definition={str(path)!r} is not an Amazon States Language document in JSON.")
    return text


def _validate_timeout(text: str, *, label: str) -> None:
    most = round(LONGEST_EXECUTION.total_seconds())
    given = json.loads(text).get("TimeoutSeconds")
    if not isinstance(given, int) or not 0 < given <= most:
        says = "no TimeoutSeconds" if given is None else f"TimeoutSeconds {given!r}"
        raise ValueError(
            f"{label} has {says} beside its States, but the sweeper takes an execution for ended after {most} seconds. "
            f'Write "TimeoutSeconds": {most}, or less, beside "States".'
        )


def _checks(state: Mapping[str, Any]) -> bool:
    name = state.get("Arguments", {}).get("FunctionName", "") if isinstance(state.get("Arguments"), dict) else ""
    return "${Checks}" in name and isinstance(state.get("TimeoutSeconds"), int)
