"""Core's descriptions, messages and reasons fit every system that is built from it."""

import ast
import re
from pathlib import Path

import pytest

import safelight.core

FILES = sorted(Path(safelight.core.__path__[0]).glob("*.py"))
WORDS_OF_ONE_SYSTEM = re.compile(r"\b(uploads?|images?|photos?|renditions?|ImageWorkflow)\b", re.IGNORECASE)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)


def texts(source: str) -> list[str]:
    """Return the strings of a module, except its docstrings."""
    tree = ast.parse(source)
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [value for value in constants if isinstance(value, str) and value not in docstrings]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_shared_texts_name_no_system(file: Path) -> None:
    assert [text for text in texts(file.read_text(encoding="utf-8")) if WORDS_OF_ONE_SYSTEM.search(text)] == []
