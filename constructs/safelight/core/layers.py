"""The Lambda layers that a system's functions share."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from aws_cdk import aws_lambda
from constructs import Construct

from safelight.core.bundling import layer_code
from safelight.core.platform import Platform

LayerSource: TypeAlias = Callable[[], aws_lambda.Code]


def make_layers(
    scope: Construct, names: Iterable[str], *, system: str, platform: Platform, sources: Mapping[str, LayerSource]
) -> dict[str, aws_lambda.LayerVersion]:
    """Make the layers of those names, except those that the scope already has.

    Parameters
    ----------
    platform
        The same in every call with one scope.
    sources
        Code by the name of the layer. A layer without a source is built from ``lambdas/layers/{name}.txt``.
    """
    layers = {}
    for name in sorted(set(names)):
        id = f"{name.title().replace('_', '')}Layer"
        made = scope.node.try_find_child(id)
        layers[name] = (
            made
            if isinstance(made, aws_lambda.LayerVersion)
            else aws_lambda.LayerVersion(
                scope,
                id,
                description=f"{system_title(system)}: {name}",
                code=sources[name]() if name in sources else layer_code(name, platform=platform),
                compatible_runtimes=[platform.runtime],
                compatible_architectures=[platform.lambda_architecture],
            )
        )
    return layers


def system_words(system: str) -> str:
    """Return a system's folder name in words, such as ``image workflow``."""
    return system.replace("_", " ")


def system_title(system: str) -> str:
    """Return a system's folder name as descriptions begin with it, such as ``Image workflow``."""
    return system_words(system).capitalize()
