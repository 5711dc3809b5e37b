"""A renamed attribute is one change in the contracts, because nothing else writes its name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight_contracts.expressions import attribute_names
from safelight_contracts.records import Attribute

ROOT = Path(__file__).parents[3]
FILES = sorted(
    path
    for folder in ("lambdas/awskit", "lambdas/image_workflow", "local/safelight_local")
    for path in (ROOT / folder).rglob("*.py")
    # Patches change the emulator's own code, which has expressions of every table. Redaction has no table.
    if {"patches", "redaction"}.isdisjoint(path.parts)
)

EXPRESSION = re.compile(r"\b(SET|REMOVE|ADD|DELETE|IN|begins_with|attribute_(not_)?exists)\b.*[(#:]|[=<>] :\w")
WORDS = re.compile(r"(?<![#:{\w])[A-Za-z_]\w*")
GRAMMAR = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN", "pk", "sk"} | {
    *("attribute_exists", "attribute_not_exists", "begins_with", "if_not_exists", "contains", "size"),
    # A placeholder of Python's own.
    "optional",
}

# Step inputs, events and AWS's answers have names such as `status` and `bucket` too. These only items have.
ONLY_OF_ITEMS = {
    *(Attribute.CLAIMED_BY, Attribute.STANDING, Attribute.SUPERSEDED_BY, Attribute.UNPUBLISHING),
    *(Attribute.ANNOUNCED_AT, Attribute.CREATED_AT, Attribute.UPDATED_AT, Attribute.PUBLISHED_AT),
    *(Attribute.DUE_AT, Attribute.SWEPT_AT, Attribute.EXPIRES_AT),
}
ITEMS = {"record", "recorded", "asset", "stored"}


def names_in_expression(text: str) -> set[str]:
    """Return the attributes that an expression of DynamoDB names without a placeholder."""
    return set(WORDS.findall(text)) - GRAMMAR if EXPRESSION.search(text) else set()


def attributes_named(source: str) -> Iterator[str]:
    """Yield the attributes that a module names by literal strings."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    known = {attribute.value for attribute in Attribute}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if text not in docstrings:
                yield from names_in_expression(text) & known
                yield from {text} & ONLY_OF_ITEMS
            case ast.Subscript(value=ast.Name(id=item), slice=ast.Constant(value=str(name))) if item in ITEMS:
                yield from {name} & known
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=item), attr="get"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield from {name} & known if item in ITEMS else ()
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[ast.Name(id=item)]) if item in ITEMS:
                yield from {name} & known


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_attribute_names_come_only_from_the_contracts(path: Path) -> None:
    assert list(attributes_named(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        'CONDITION = "claimedBy = :execution"',
        'CHANGE = "SET #STATUS = :failed, placeId = :placeId"',
        'CHANGE = "SET #STATUS = :failed REMOVE renditions"',
        'f"attribute_not_exists(pk) OR sequencer < :{name}"',
        'record["status"]',
        'record.get("detail")',
        '"attempt" in asset',
        'item({"updatedAt": timestamp()})',
    ],
)
def test_a_literal_name_is_found(source: str) -> None:
    assert list(attributes_named(source)) != []


def test_the_names_of_a_request_are_the_placeholders_of_its_expressions() -> None:
    assert attribute_names("SET #STATUS = :a REMOVE #CLAIMED_BY", "#STATUS = :b") == {
        "#STATUS": "status",
        "#CLAIMED_BY": "claimedBy",
    }


def test_an_expression_cannot_name_an_attribute_that_does_not_exist() -> None:
    with pytest.raises(KeyError, match="CLAIMD_BY"):
        attribute_names("#CLAIMD_BY = :execution")
