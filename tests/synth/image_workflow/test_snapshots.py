"""What each version deploys, at a glance: a change here is one that a reviewer must see.

``UPDATE_SNAPSHOTS=1 pytest tests/synth/image_workflow/test_snapshots.py`` writes them anew.
"""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from safelight import OnDelete, OnReject, WorkflowVersion

# Of the construct's path, and for a Lambda version of the function's code and settings.
HASHES = re.compile(r"[0-9A-F]{8}([0-9a-f]{32})?$")
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_a_version_matches_its_snapshot(build: Any, version: WorkflowVersion) -> None:
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


ARGUMENTS = {"on_reject": OnReject.QUARANTINE, "on_delete": OnDelete.WITHDRAW}
SYNTHESISE = """
import json, sys
from pathlib import Path
from tests.synth.image_workflow.synthesised import Synthesised
from tests.synth.image_workflow.test_snapshots import ARGUMENTS
json.dump(Synthesised(outdir=Path(sys.argv[1]), arguments=ARGUMENTS).template.to_json(), sys.stdout)
"""


@pytest.mark.thorough
def test_one_app_gives_one_template_however_python_orders_its_sets(build: Any, tmp_path: Path) -> None:
    here = build(**ARGUMENTS).template.to_json()
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", SYNTHESISE, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
        )
        assert json.loads(there.stdout) == here
