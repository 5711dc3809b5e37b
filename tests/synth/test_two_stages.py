"""The app of examples/two_stages, which brings everything along, passes cdk-nag and cfn-lint in both stages."""

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stage
from tests.synth.image_workflow.nag import findings

EXAMPLE = Path(__file__).parents[2] / "examples" / "two_stages" / "app.py"
OURS = ("Workflow", "Ops", "Again")

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CDK_OUTDIR", str(tmp_path_factory.mktemp("example")))
        environment.setenv("CDK_CONTEXT_JSON", '{"safelight:platform": "local"}')
        stack: Callable[..., Any] = runpy.run_path(str(EXAMPLE))["Photos"]
    return stack


@pytest.mark.parametrize("environment", [None, Environment(account="111122223333", region="eu-west-1")])
def test_cdk_nag_finds_nothing_in_the_parts_of_safelight(
    photos: Callable[..., Any], environment: Environment | None, tmp_path: Path
) -> None:
    app = App(outdir=str(tmp_path), context={"safelight:platform": "local"})
    for name in ("Dev", "Prod"):
        photos(Stage(app, name, env=environment), "Photos", stack_name=f"{name}Photos")
    found = findings(app, below=tuple(f"{name}/Photos/{part}" for name in ("Dev", "Prod") for part in OURS))
    assert found == []


def test_cfn_lint_finds_no_error_in_the_templates(photos: Callable[..., Any], tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), context={"safelight:platform": "local"})
    photos(Stage(app, "Dev"), "Photos", stack_name="DevPhotos")
    app.synth()
    templates = [str(path) for path in tmp_path.rglob("*.template.json")]
    assert templates
    # Warnings such as W3005 are about dependencies that the CDK adds.
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W", "--", *templates]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")
