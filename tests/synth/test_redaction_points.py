"""The page about what redaction must get right names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contributing" / "redaction-points.md").read_text()
ROWS = [row for row in PAGE.splitlines() if row.startswith("| ") and not row.startswith(("| point |", "| --- |"))]
NAMED = sorted(set(re.findall(r"`(tests/\S+\.py)::(\w+)`", PAGE)))


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path: str, name: str) -> None:
    assert name in names_in(path)


def test_every_point_has_tests() -> None:
    tests: dict[int, int] = {}
    point = 0
    for row in ROWS:
        if begins := re.match(r"\| (\d+)\. ", row):
            point = int(begins[1])
        tests[point] = tests.get(point, 0) + row.count("::test_")
    assert list(tests) == list(range(1, 19))
    assert min(tests.values()) >= 1


def test_every_row_names_a_test_or_begins_a_point() -> None:
    assert [row for row in ROWS if "::test_" not in row and not re.match(r"\| \d+\. ", row)] == []
