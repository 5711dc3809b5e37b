"""The functions, one file each. A new file is a new function.

A file defines a ``STEP``, which a state invokes, or a ``BACKGROUND`` function, which a queue invokes.
"""

from collections.abc import Collection, Mapping
from importlib import import_module
from pkgutil import iter_modules

from safelight.core.step_definition import StepDefinition
from safelight.image_workflow.settings import StepSettings
from safelight_contracts.limits import Limits


def _load(name: str) -> dict[str, StepDefinition[StepSettings]]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found: list[StepDefinition[StepSettings]] = [getattr(module, name) for module in modules if hasattr(module, name)]
    return {definition.id: definition for definition in found}


STEP_DEFINITIONS: Mapping[str, StepDefinition[StepSettings]] = _load("STEP")
"""The functions that states invoke, by their ids."""

BACKGROUND_DEFINITIONS: Mapping[str, StepDefinition[StepSettings]] = _load("BACKGROUND")
"""The functions that queues invoke, by their ids. A definition cannot name them."""

_DECODERS = {"pillow", "heif", "raw"}


def validate_max_seconds(limits: Limits, *, step_ids: Collection[str]) -> None:
    """Validate that the limit on processor seconds is below the timeouts of the functions that decode.

    Raises
    ------
    ValueError
        If it is not. The message names the function and the highest possible limit.
    """
    timeouts = {
        id: STEP_DEFINITIONS[id].timeout for id in step_ids if not _DECODERS.isdisjoint(STEP_DEFINITIONS[id].layers)
    }
    for id, timeout in sorted(timeouts.items()):
        if limits.max_seconds >= timeout:
            raise ValueError(
                f"Limits: max_seconds={limits.max_seconds} is not below the timeout of {id}, {timeout} seconds. "
                f"Use less than {min(timeouts.values())}."
            )


def step_definition(id: str, *, settings: StepSettings) -> StepDefinition[StepSettings]:
    """Return the definition of a step for some settings."""
    definition = STEP_DEFINITIONS[id]
    return definition.adapt(definition, settings)
