"""A Sphinx extension for the reference: it shows every public member, and checks that none is missing."""

import ast
import inspect
import re
import sys
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safelight

if TYPE_CHECKING:
    # Tests import this module where the documentation tools are not installed.
    from sphinx.application import Sphinx

_NAMES = re.compile(r"(?P<names>\w+(?:, \w+)+)(?P<type> : .+)?")
# Napoleon reads what precedes the first colon of such a docstring as a type.
_WITHOUT_SECTIONS = ("attribute", "data", "property")
_BEFORE_NAPOLEON, _AFTER_NAPOLEON = 100, 900


def setup(app: "Sphinx") -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("autodoc-skip-member", _keep_enum_members)
    app.connect("autodoc-process-docstring", _prepare, priority=_BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", _restore, priority=_AFTER_NAPOLEON)
    app.connect("build-finished", _check_reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def separate(lines: list[str]) -> list[str]:
    """Split an entry such as ``first, second : type`` into one for each name, as Napoleon needs for attributes."""
    separated: list[str] = []
    number = 0
    while number < len(lines):
        found = _NAMES.fullmatch(lines[number])
        if found is None or not lines[number + 1 : number + 2] or not lines[number + 1].startswith(" "):
            separated.append(lines[number])
            number += 1
            continue
        number += 1
        description = number
        while number < len(lines) and (not lines[number] or lines[number][0] == " "):
            number += 1
        for name in found["names"].split(", "):
            separated += [f"{name}{found['type'] or ''}", *lines[description:number]]
    return separated


def members(thing: Any) -> set[str]:
    """Return the names that the reference must list below a public name."""
    if not inspect.isclass(thing):
        return set()
    if issubclass(thing, Enum):
        return set(thing.__members__)
    described = {name for name, value in vars(thing).items() if not name.startswith("_") and inspect.getdoc(value)}
    return described | {field.name for field in fields(thing)} if is_dataclass(thing) else set()


def missing_members(text: str) -> list[str]:
    """Return the public members that the reference's HTML does not name."""
    listed = set(re.findall(r'id="([\w.]+)"', text)) | set(re.findall(r"<strong>(\w+)</strong>", text))
    ends = {name.rpartition(".")[2] for name in listed}
    return [
        f"{public}.{name}"
        for public in safelight.__all__
        for name in sorted(members(getattr(safelight, public)))
        if name not in ends
    ]


def data_description(name: str, value: object) -> list[str]:
    """Return the docstring of a module's constant and the code that makes it, from the module that defines it.

    Autodoc finds neither for a name that a package only imports.
    """
    for module in [module for path, module in sys.modules.items() if path.startswith("safelight")]:
        if getattr(module, name, None) is not value:
            continue
        source = inspect.getsource(module)
        statements = ast.parse(source).body
        for statement, following in pairwise(statements):
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                assert isinstance(following, ast.Expr)  # noqa: S101 - what documents the constant
                assert isinstance(following.value, ast.Constant)  # noqa: S101
                code = (ast.get_source_segment(source, statement) or "").splitlines()
                return [
                    *inspect.cleandoc(str(following.value.value)).splitlines(),
                    *("", ".. code-block:: python", ""),
                    *(f"   {line}" for line in code),
                    "",
                ]
    raise ValueError(f"No module of safelight defines {name}.")


def _keep_enum_members(
    _app: "Sphinx", _what: str, name: str, member: object, _skip: object, _options: object
) -> bool | None:
    return False if isinstance(member, Enum) and name == member.name else None


def _prepare(app: "Sphinx", what: str, name: str, thing: object, _options: object, lines: list[str]) -> None:
    if what == "data":
        lines[:] = data_description(name.rpartition(".")[2], thing)
    if what in _WITHOUT_SECTIONS:
        _saved(app)[name] = list(lines)
    else:
        lines[:] = separate(lines)


def _restore(app: "Sphinx", what: str, name: str, _thing: object, _options: object, lines: list[str]) -> None:
    if what in _WITHOUT_SECTIONS:
        lines[:] = _saved(app).pop(name)


def _saved(app: "Sphinx") -> dict[str, list[str]]:
    saved: dict[str, list[str]] = app.__dict__.setdefault("safelight_docstrings", {})
    return saved


def _check_reference(app: "Sphinx", error: Exception | None) -> None:
    if error is None:
        pages = sorted((Path(app.outdir) / "reference").glob("*.html"))
        if missing := missing_members("".join(page.read_text(encoding="utf-8") for page in pages)):
            raise ValueError(f"The reference does not show {', '.join(missing)}.")
