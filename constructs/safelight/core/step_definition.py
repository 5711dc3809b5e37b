"""How one step's function is built. The steps themselves are in ``safelight.image_workflow.steps``, one file each."""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import aws_iam

from safelight.image_workflow.settings import StepSettings


def no_environment(_: StepSettings) -> dict[str, str]:
    """Give a function nothing by its environment."""
    return {}


def unadapted(definition: "StepDefinition", _: StepSettings) -> "StepDefinition":
    """Build a function alike whatever the settings are."""
    return definition


@dataclass(frozen=True, kw_only=True)
class StepDefinition:
    """How one step's function is built.

    Parameters
    ----------
    id
        Of its construct. In a definition ``${IdFunctionArn}`` stands for the function.
    package
        Folder under ``lambdas/image_workflow/`` whose ``handler.handler`` is the entry point.
    memory
        MB. Lambda gives a share of the processor in proportion, one whole at 1,769.
    timeout
        Seconds. The state's own timeout is longer, so that the function's error is the one seen.
    layers
        Names of files under ``lambdas/layers/``, ``DETECTOR_MODELS`` and ``WATERMARKS``.
    packages
        Folders under ``lambdas/`` beside its own and the two that all steps share. Left out: none.
    arguments
        Which of the workflow's arguments this step has a use for. Left out: none.
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
    permit: Callable[[aws_iam.Role, StepSettings], None]
    arguments: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    environment: Callable[[StepSettings], dict[str, str]] = no_environment
    adapt: Callable[["StepDefinition", StepSettings], "StepDefinition"] = unadapted
    packages: tuple[str, ...] = ()


def allow(role: aws_iam.Role, *actions: str, on: str, conditions: dict[str, object] | None = None) -> None:
    """Let a role do some things on one resource."""
    role.add_to_policy(aws_iam.PolicyStatement(actions=list(actions), resources=[on], conditions=conditions))
