import base64
import json
from pathlib import Path
from typing import Any

from safelight_local.console.workflow import place_types

DEFINITIONS = Path(__file__).parents[3] / "statemachines" / "image_workflow"


def definition(version: str, **placeholders: str) -> dict[str, Any]:
    text = (DEFINITIONS / f"{version}.asl.json").read_text()
    for name, value in placeholders.items():
        text = text.replace(f"${{{name}}}", value)
    read: dict[str, Any] = json.loads(text)
    return read


def test_the_place_types_of_v5_are_those_of_its_routes() -> None:
    routes: dict[str, Any] = {"routes": {"park": {"checks": []}, "swimming pool": {"checks": []}}, "default": {}}
    deployed = definition("v5", Routes=base64.b64encode(json.dumps(routes).encode()).decode())
    assert place_types(deployed) == ["park", "swimming pool"]


def test_the_place_types_of_v4_are_those_that_its_choices_name() -> None:
    assert place_types(definition("v4")) == ["bar", "cafe", "park", "restaurant"]


def test_versions_that_ignore_the_place_name_no_place_types() -> None:
    for version in ("v1", "v2", "v3"):
        assert place_types(definition(version)) == []


def test_unreadable_routes_are_ignored() -> None:
    for text in ("AAAA", base64.b64encode(b"[]").decode(), base64.b64encode(b"{}").decode()):
        assert place_types(definition("v5", Routes=text)) == []
