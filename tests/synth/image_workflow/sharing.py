"""What is built from the same arguments is built once, and nobody can change what is shared."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from aws_cdk import App

Built = TypeVar("Built")


def once_for_the_same(make: Callable[..., Built]) -> Callable[..., Built]:
    """Call ``make`` once for all equal arguments. What it raises is not kept."""
    made: dict[Hashable, Built] = {}

    def make_once(**arguments: Any) -> Built:
        key = identity_of(arguments)
        if key not in made:
            made[key] = make(**arguments)
        return made[key]

    return make_once


def identity_of(value: Any) -> Hashable:
    """Return what is equal for values that give the same template, whichever objects they are.

    The order of a mapping counts. 1, 1.0 and True differ. A file equals no other, because it can change.
    """
    match value:
        case Path():
            return object()
        case Mapping():
            return ("mapping", *((name, identity_of(part)) for name, part in value.items()))
        case list() | tuple():
            return (type(value), *map(identity_of, value))
        case _ if is_dataclass(value):
            return (type(value), *(identity_of(getattr(value, field.name)) for field in fields(value)))
    return (type(value), value)


def lock(app: App) -> None:
    """Synthesise an app, and let the CDK refuse whatever is added to it afterwards."""
    app.synth()
    app.node.lock()
