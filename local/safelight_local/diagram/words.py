"""Describes the rule of a choice in a few words, or shows the rule itself if words would say less."""

import re
from typing import Any

_SIGNS = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
    "Matches": "like",
}
_COMPARISON = re.compile(
    r"(String|Numeric|Boolean|Timestamp)"
    r"(Equals|LessThanEquals|GreaterThanEquals|LessThan|GreaterThan|Matches)(Path)?"
)
_LITERAL = r"'[^']*'"
_IS_LITERAL = re.compile(rf"\$[\w.]+ (?:= (?P<one>{_LITERAL})|in \[(?P<several>{_LITERAL}(?:, *{_LITERAL})*)\])")


def choice_in_words(choice: dict[str, Any]) -> str:
    """Describe when a choice is taken.

    `choice`: one of a Choice state's ``Choices``, in JSONata (``Condition``) or JSONPath (``Variable`` and a
    comparison, or ``And``, ``Or``, ``Not``).

    Result: of JSONata: the literals that a variable is compared with, or what is asked of it. Of JSONPath: the
    comparison. Other rules are returned unchanged.
    """
    if "Condition" in choice:
        return _condition_in_words(str(choice["Condition"]))
    return _rule_in_words(choice)


def _condition_in_words(condition: str) -> str:
    bare = condition.strip().removeprefix("{%").removesuffix("%}").strip()
    words = [_part_in_words(part) for part in bare.split(" or ")]
    return bare if None in words else ", ".join(filter(None, words))


def _part_in_words(part: str) -> str | None:
    if literals := _IS_LITERAL.fullmatch(part):
        return ", ".join(re.findall(r"'([^']*)'", literals["one"] or literals["several"]))
    if name := re.fullmatch(r"\$exists\(\$(\w+)[\w.]*\)", part):
        return f"there is a {name[1]}"
    if name := re.fullmatch(r"\$[\w.]*?(\w+) = null", part):
        return f"no {name[1]}"
    name = re.fullmatch(r"\$[\w.]*?(\w+)(?: = true)?", part)
    return name[1] if name else None


def _rule_in_words(rule: dict[str, Any]) -> str:
    if "Not" in rule:
        return f"not ({_inner(rule['Not'])})"
    for operator in ("And", "Or"):
        if isinstance(rule.get(operator), list):
            return f" {operator.lower()} ".join(_inner(part) for part in rule[operator])
    variable = str(rule.get("Variable", "")).removeprefix("$.")
    for field, value in rule.items():
        if words := _comparison_in_words(variable, field, value):
            return words
    return variable


def _inner(rule: object) -> str:
    if not isinstance(rule, dict):
        return str(rule)
    words = _rule_in_words(rule)
    return f"({words})" if {"And", "Or"} & rule.keys() else words


def _comparison_in_words(variable: str, field: str, value: object) -> str | None:
    if field.startswith("Is"):
        asked = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field.removeprefix("Is")).lower()
        return f"{variable} is {asked}" if value is True else f"{variable} is not {asked}"
    found = _COMPARISON.fullmatch(field)
    if found is None:
        return None
    if field == "BooleanEquals":
        return variable if value is True else f"not {variable}"
    return f"{variable} {_SIGNS[found[2]]} {str(value).removeprefix('$.') if found[3] else value}"
