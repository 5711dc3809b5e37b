"""Every example is an app that synthesises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/app.py"))


@pytest.mark.parametrize("app", EXAMPLES, ids=lambda app: app.parent.name)
def test_the_example_synthesises(app: Path, tmp_path: Path) -> None:
    environment = os.environ | {"CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": '{"safelight:platform": "local"}'}
    result = subprocess.run([sys.executable, str(app)], capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.glob("*.template.json"))
