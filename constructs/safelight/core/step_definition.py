"""How one step's function is built. Each system has its steps in a folder ``steps``, one file each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aws_cdk import aws_iam

Settings = TypeVar("Settings")
"""What the steps of one system are configured by."""


def _no_environment(_: Any) -> dict[str, str]:
    return {}


def _unadapted(definition: "StepDefinition[Settings]", _: Settings) -> "StepDefinition[Settings]":
    return definition


@dataclass(frozen=True, kw_only=True)
class StepDefinition(Generic[Settings]):
    """How one step's function is built.

    Parameters
    ----------
    id
        Of its construct. In a definition ``${IdFunctionArn}`` stands for the function.
    package
        Folder under ``lambdas/{system}/`` whose ``handler.handler`` is the entry point.
    memory
        MB. Lambda gives a share of the processor in proportion, one whole at 1,769.
    timeout
        Seconds. The state's own timeout is longer, so that the function's error is the one seen.
    layers
        Names of files under ``lambdas/layers/``, or of layers that the system has the code of.
    packages
        Folders under ``lambdas/`` beside its own and the two that all steps share. Left out: none.
    arguments
        Which of the system's arguments this step uses. Left out: none.
    calls
        The AWS calls that it makes, as ``service:Operation``: of a state's function each is a case of the fault
        laboratory. Left out: none.
    environment
        Makes its environment variables. Left out: none of its own.
    permit
        Lets its role do what it does.
    adapt
        Changes the definition by the settings. Left out: nothing.
    """

    id: str
    package: str
    memory: int
    timeout: int
    layers: tuple[str, ...]
    permit: Callable[[aws_iam.Role, Settings], None]
    arguments: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    environment: Callable[[Settings], dict[str, str]] = _no_environment
    adapt: Callable[["StepDefinition[Settings]", Settings], "StepDefinition[Settings]"] = _unadapted
    packages: tuple[str, ...] = ()
