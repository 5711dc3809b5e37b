"""How one step's function is built. Each system has its steps in a folder ``steps``, one file each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aws_cdk import aws_iam, aws_lambda

Settings = TypeVar("Settings")
"""The settings of one system's steps."""


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
        Id of the construct. In a definition, ``${IdFunctionArn}`` is the ARN of the function.
    package
        Folder under ``lambdas/{system}/`` whose ``handler.handler`` is the entry point.
    memory
        MB. At 1,769, Lambda gives the function one whole processor, and a share in proportion below.
    timeout
        Seconds. The timeout of the state is longer, so that the function's own error is recorded.
    layers
        Names of files under ``lambdas/layers/``, or of layers that the system has the code of.
    packages
        More folders under ``lambdas/``. Default: its own and those that all steps share.
    arguments
        The system's arguments that this step uses. Default: none.
    calls
        The AWS calls that it makes, as ``service:Operation``. The fault laboratory has a case for each. Default: none.
    rejects_by_raising
        Whether it rejects an image by raising an error, as a step does that is not a check. Lambda counts that error as
        a function error. Default: False.
    tracing
        Whether X-Ray records its invocations. Default: it does.
    environment
        Returns its environment variables. Default: none.
    permit
        Gives its role the permissions that it needs.
    storage
        MB of the local folder for files, up to 10,240. Default: Lambda's own, 512.
    adapt
        Returns the definition for some settings. Default: the definition is the same for all settings.
    """

    id: str
    package: str
    memory: int
    timeout: int
    layers: tuple[str, ...]
    permit: Callable[[aws_iam.Role, Settings], None]
    arguments: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    rejects_by_raising: bool = False
    tracing: aws_lambda.Tracing = aws_lambda.Tracing.ACTIVE
    environment: Callable[[Settings], dict[str, str]] = _no_environment
    adapt: Callable[["StepDefinition[Settings]", Settings], "StepDefinition[Settings]"] = _unadapted
    packages: tuple[str, ...] = ()
    storage: int | None = None
