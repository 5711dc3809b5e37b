"""Wrong arguments: one message names the argument, what it is, and what to pass.

The annotations are the rule, so that a new argument is checked without another line.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type[Any])

_MAX_CHARACTERS_SHOWN = 60
# As difflib measures it. Its own default takes "enlarge" for "target".
_SIMILAR = 0.7
_MOST_MEMBERS_SHOWN = 12

# How to make one of a type that is not Safelight's, by what the value that was given begins with. `{}` is that value.
_EXAMPLES = {
    "IBucket": {
        "arn:": "Bucket.from_bucket_arn(self, 'Existing', {})",
        "": "Bucket.from_bucket_name(self, 'Existing', {})",
    },
    "IEventBus": {
        "arn:": "EventBus.from_event_bus_arn(self, 'Existing', {})",
        "": "EventBus.from_event_bus_name(self, 'Existing', {})",
    },
    "IFunction": {"": "Function.from_function_arn(self, 'Existing', {})"},
    "IKey": {
        # Not Alias.from_alias_name: the CDK drops grants to an imported alias.
        "alias/": "Key.from_lookup(self, 'Existing', alias_name={})",
        "": "Key.from_key_arn(self, 'Existing', {})",
    },
    "ISecurityGroup": {"": "SecurityGroup.from_security_group_id(self, 'Existing', {})"},
    "ITable": {
        "arn:": "Table.from_table_arn(self, 'Existing', {})",
        "": "Table.from_table_name(self, 'Existing', {})",
    },
    "ITopic": {"": "Topic.from_topic_arn(self, 'Existing', {})"},
    "IVpc": {"": "Vpc.from_lookup(self, 'Existing', vpc_id={})"},
    "Path": {"": "Path({})"},
}
# A dict of a type of Safelight, by the type of its values.
_EXAMPLES_OF_DICTS = {"Preset": "{'card': Preset(width=320)}", "Route": "{'park': Route(...)}"}
# An argument with one of these in its name says how long something is stored, which is in days.
_WORDS_OF_STORAGE = {"keep", "kept"}
_SHOWN_BY_VALUE = (str, bytes, int, float, list, tuple, set, frozenset, dict, NoneType)


def validated(function: Callable[P, R]) -> Callable[P, R]:
    """Validate the arguments of each call against the function's annotations.

    Returns
    -------
    Callable
        The function, which raises TypeError for a wrong type, and for a missing or an unknown argument. The message
        begins with the function's name, or with its class for a constructor.
    """
    signature = inspect.signature(function)
    owner = function.__qualname__.removesuffix(".__init__")

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        annotations = _annotations(function)
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            reason = _unknown(signature, kwargs) or _missing(signature, args, kwargs) or f"{error}."
            raise TypeError(f"{owner}: {reason}") from None
        for argument, value in bound.arguments.items():
            if argument in annotations:
                _validate(owner, argument, value, annotations[argument])
        return function(*args, **kwargs)

    return call


def validated_fields(annotated: C) -> C:
    """Validate the fields of a dataclass against their annotations, before its ``__post_init__``.

    Put it above ``@dataclass``.

    Returns
    -------
    type
        The class. It raises TypeError as `validated` does, with its name first.
    """
    made: Any = annotated
    made.__init__ = validated(made.__init__)
    return annotated


def _unknown(signature: inspect.Signature, given: Mapping[str, object]) -> str | None:
    unknown = next((name for name in given if name not in signature.parameters), None)
    if unknown is None:
        return None
    similar = get_close_matches(unknown, signature.parameters, n=1, cutoff=_SIMILAR)
    return f"there is no argument {unknown}.{''.join(f' Did you mean {name}?' for name in similar)}"


def _missing(signature: inspect.Signature, args: Iterable[object], kwargs: Mapping[str, object]) -> str | None:
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
    except TypeError:
        return None
    required = [name for name, parameter in signature.parameters.items() if parameter.default is parameter.empty]
    missing = next((name for name in required if name not in given), None)
    return missing and f"the argument {missing} is missing."


@cache
def _annotations(annotated: Callable[..., object]) -> dict[str, Any]:
    return get_type_hints(annotated)


def _validate(owner: str, argument: str, value: object, expected: Any) -> None:
    for place, found, wanted in _mismatches(argument, value, expected):
        raise TypeError(f"{owner}: {place} is {_shown(found)}. Pass {_wanted(wanted, found, place)}.")


def _mismatches(place: str, value: object, expected: Any) -> Iterator[tuple[str, object, Any]]:
    """Yield where a value is not what is expected: its place, the value there, and the expected type."""
    origin, parts = get_origin(expected), get_args(expected)
    if origin in (Union, UnionType):
        others = [part for part in parts if part is not NoneType]
        if any(_fits(value, part) for part in parts):
            return
        if len(others) == 1:
            yield from _mismatches(place, value, others[0])
        else:
            yield place, value, expected
    elif origin is tuple:
        if not isinstance(value, tuple | list) or len(value) != len(parts):
            yield place, value, expected
        else:
            for index, (inner, part) in enumerate(zip(value, parts, strict=True)):
                yield from _mismatches(f"{place}[{index}]", inner, part)
    elif origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            yield place, value, expected
        else:
            for key, inner in value.items():
                yield from _mismatches(f"a key of {place}", key, parts[0])
                yield from _mismatches(f"{place}[{key!r}]", inner, parts[1])
    elif origin is not None and isinstance(origin, type) and issubclass(origin, Iterable):
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, origin):
            yield place, value, expected
        # The elements of an iterator can be read once only.
        elif isinstance(value, Collection):
            for index, inner in enumerate(value):
                yield from _mismatches(f"{place}[{index}]", inner, parts[0])
    elif not _is_one(value, origin or expected):
        yield place, value, expected


def _fits(value: object, expected: Any) -> bool:
    return not any(_mismatches("", value, expected))


def _is_one(value: object, expected: Any) -> bool:
    if expected is Any or not isinstance(expected, type):
        return True
    if expected in (int, float):
        return isinstance(value, Integral if expected is int else Real) and not isinstance(value, bool)
    if getattr(expected, "_is_protocol", False):
        return implements(value, expected)
    return isinstance(value, expected)


def implements(value: object, protocol: type) -> bool:
    """Return whether the class of a value has the members of a protocol.

    It reads no attribute of the value, because each costs the CDK a call of Node.js.

    Parameters
    ----------
    value
        The value.
    protocol
        An interface of the CDK, such as ``IBucket``.
    """
    members = {name for base in protocol.__mro__ for name in vars(base) if not name.startswith("_")}
    # jsii returns imported resources as an object that passes its attributes on to these.
    parts = [type(part) for part in vars(value).get("_delegates", [value])] if hasattr(value, "__dict__") else []
    return bool(parts) and all(any(hasattr(part, name) for part in parts) for name in members)


def _shown(value: object) -> str:
    name = type(value).__name__
    if isinstance(value, Enum):
        return f"{name}.{value.name}"
    if value is None:
        return "None"
    if not isinstance(value, _SHOWN_BY_VALUE):
        return f"{value.__name__}, a class" if isinstance(value, type) else _with_article(name)
    if any(not isinstance(part, _SHOWN_BY_VALUE) for part in _parts(value)):
        # The representation of a construct or a Route is long, and says nothing.
        return _with_article(name)
    text = repr(value)
    if len(text) > _MAX_CHARACTERS_SHOWN:
        text = f"{text[:_MAX_CHARACTERS_SHOWN]}..."
    return f"{text}, {_with_article(name)}"


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple | set | frozenset) else ()


def _wanted(expected: Any, value: object, place: str) -> str:
    origin, parts = get_origin(expected), get_args(expected)
    if origin in (Union, UnionType):
        return " or ".join(_wanted(part, value, place) for part in parts if part is not NoneType)
    if origin is tuple:
        return f"{len(parts)} values, such as {'(0.5, 0.5)' if float in parts else '(320, 200)'}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        example = _EXAMPLES_OF_DICTS.get(_name(parts[1]))
        return f"a dict of {_name(parts[0])} to {_name(parts[1])}{f', such as {example}' if example else ''}"
    if isinstance(origin, type) and issubclass(origin, Iterable):
        shown = _shown(value).removesuffix(f", {_with_article(type(value).__name__)}")
        example = f": [{shown}]" if _fits(value, parts[0]) else ""
        return f"a list of {_name(parts[0])}{example}"
    if isinstance(expected, type) and issubclass(expected, Enum):
        return f"{_with_article(expected.__name__)}: {_members(expected, value)}"
    wanted = _with_article(_name(expected))
    if not isinstance(value, str | int | float):
        return wanted
    if _name(expected) == "Duration":
        return f"{wanted}, such as {_duration(value, place)}"
    examples = _EXAMPLES.get(_name(expected), {})
    how = next((example for start, example in examples.items() if str(value).startswith(start)), None)
    return f"{wanted}, such as {how.format(repr(value))}" if how else wanted


def _duration(value: float | str, place: str) -> str:
    unit, example = ("days", 30) if _WORDS_OF_STORAGE.intersection(place.split("_")) else ("seconds", 60)
    return f"Duration.{unit}({example if isinstance(value, str) else value})"


def _members(enum: type[Enum], value: object) -> str:
    """Return the member that somebody meant by a name or a value, else all of them."""
    named = [f"{enum.__name__}.{member.name}" for member in enum]
    for member in enum:
        if str(value).lower() in (member.name.lower(), str(member.value).lower()):
            return f"{enum.__name__}.{member.name}"
    if len(named) > _MOST_MEMBERS_SHOWN:
        return f"{', '.join(named[:_MOST_MEMBERS_SHOWN])} or another one"
    return " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _name(expected: Any) -> str:
    if get_origin(expected) in (Union, UnionType):
        return " or ".join(_name(part) for part in get_args(expected) if part is not NoneType)
    return "Path" if expected is Path else getattr(expected, "__name__", str(expected))


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOUaeio' else 'a'} {name}"
