"""The worked diffs of the documentation: they apply, they work, and they cost no more files than the page says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIFFS = ROOT / "docs" / "contributing" / "diffs"
SOURCES = ("constructs", "lambdas", "local")
FILES = {"image-type": 2, "rendition-option": 2, "alarm": 1, "command": 1}
WORKS = {
    "image-type": """
from io import BytesIO
from PIL import Image
from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import DEFAULT_RENDITIONS

file = BytesIO()
Image.new("RGB", (700, 500), "red").save(file, "PPM")
header = inspect(file.getvalue(), limits=Limits())
made = render(file.getvalue(), header=header, renditions=DEFAULT_RENDITIONS)
assert [(one.width, one.height) for one in made] == [(400, 400), (600, 429)]
""",
    "rendition-option": """
from io import BytesIO
from PIL import Image
from imagekit.decoding.limits import inspect
from imagekit.rendering.render import render
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.renditions import Rendition, renditions_from_json, renditions_to_json

file = BytesIO()
Image.new("RGB", (700, 500), "red").save(file, "PNG")
asked = [Rendition(name="grey", width=100, type=ImageType.PNG, grayscale=True)]
assert renditions_from_json(renditions_to_json(asked)) == asked
(made,) = render(file.getvalue(), header=inspect(file.getvalue(), limits=Limits()), renditions=asked)
assert len(set(Image.open(BytesIO(made.data)).convert("RGB").getpixel((5, 5)))) == 1
""",
    "alarm": """
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from safelight import ImageWorkflow, Monitoring

stack = Stack(App(context={"safelight:platform": "local"}), "Stack")
Monitoring(stack, "Monitoring", workflow=ImageWorkflow(stack, "Workflow"))
(alarm,) = Template.from_stack(stack).find_resources(
    "AWS::CloudWatch::Alarm", {"Properties": {"MetricName": "WriteThrottleEvents"}}
).values()
assert alarm["Properties"]["Namespace"] == "AWS/DynamoDB"
assert alarm["Properties"]["EvaluationPeriods"] == 3
assert len(alarm["Properties"]["AlarmActions"]) == 1
""",
    "command": """
from safelight_local.cli import COMMANDS, main

assert "place" in COMMANDS
assert main(["place", "--help"]) == 0
""",
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", FILES)
def test_a_worked_diff_works(name: str, tmp_path: Path) -> None:
    for source in (*SOURCES, "statemachines"):
        shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
    diff = str(DIFFS / f"{name}.diff")
    applied = subprocess.run(["git", "apply", diff], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert applied.stderr == ""
    path = os.pathsep.join(str(tmp_path / source) for source in SOURCES)
    ran = subprocess.run(
        [sys.executable, "-c", WORKS[name]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", FILES)
def test_a_worked_diff_changes_the_number_of_files_that_it_states(name: str) -> None:
    assert (DIFFS / f"{name}.diff").read_text().count("diff --git ") == FILES[name]


def test_every_worked_diff_is_tested() -> None:
    assert {path.stem for path in DIFFS.glob("*.diff")} == set(FILES) == set(WORKS)
