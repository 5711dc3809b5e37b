"""What each version deploys, at a glance: a change here is one that a reviewer must see.

``UPDATE_SNAPSHOTS=1 pytest tests/synth/test_snapshots.py`` writes them anew.
"""

import json
import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from safelight import WorkflowVersion

# Of the construct's path, and for a Lambda version of the function's code and settings.
HASHES = re.compile(r"[0-9A-F]{8}([0-9a-f]{32})?$")
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_a_version_deploys_what_its_snapshot_shows(build: Any, version: WorkflowVersion) -> None:
    template = build(version=version).template.to_json()
    found: dict[str, list[str]] = defaultdict(list)
    for logical_id, resource in template["Resources"].items():
        found[resource["Type"]].append(HASHES.sub("", logical_id))
    shown = {kind: sorted(names) for kind, names in sorted(found.items())}
    path = SNAPSHOTS / f"{version.value}.json"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(shown, indent=2) + "\n")
    assert shown == json.loads(path.read_text())
