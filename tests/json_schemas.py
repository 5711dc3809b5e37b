"""Validates values against the library's JSON Schemas, which use few keywords. No validator is locked."""

from collections.abc import Iterator, Mapping
from numbers import Number
from typing import Any

_KNOWN = {
    *("$schema", "title", "description", "format"),
    *("type", "enum", "minimum", "properties", "required", "additionalProperties", "items"),
}


def violations(value: Any, *, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the violations of a value, as JSON or as the DynamoDB document client reads it.

    Raises
    ------
    NotImplementedError
        If the schema has a keyword that is not known here.
    """
    if unknown := schema.keys() - _KNOWN:
        raise NotImplementedError(f"keywords {sorted(unknown)}")
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is_of_type(value, type_name) for type_name in types):
        yield f"{path}: {value!r} is not {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is not one of {schema['enum']}"
    if isinstance(value, Number) and value < schema.get("minimum", value):
        yield f"{path}: {value!r} is too small"
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (f"{path}: no {name}" for name in schema.get("required", ()) if name not in value)
        if schema.get("additionalProperties") is False:
            yield from (f"{path}: unknown {name}" for name in value.keys() - properties.keys())
        for name in value.keys() & properties.keys():
            yield from violations(value[name], schema=properties[name], path=f"{path}.{name}")
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from violations(item, schema=schema.get("items", {}), path=f"{path}[{position}]")


def _is_of_type(value: Any, name: str) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, Number) and not isinstance(value, bool) and value == int(value)  # type: ignore[call-overload]
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
    raise NotImplementedError(f"type {name}")
