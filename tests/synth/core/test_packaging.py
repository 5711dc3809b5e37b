"""The wheel holds all that a CDK app of somebody else's needs, and gives the same functions as a checkout."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import constructs
import pytest

ROOT = Path(__file__).parents[3]
MINIMAL = ROOT / "examples" / "minimal" / "app.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site-packages")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def synthesise(*, python_path: Path, outdir: Path) -> dict[str, object]:
    outdir.mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(python_path),
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps({"safelight:platform": "local"}),
        # It takes longer than the synthesis, and says nothing of packages.
        "CDK_VALIDATION": "false",
    }
    # Away from the checkout, which would otherwise be found beside the app.
    subprocess.run([sys.executable, str(MINIMAL)], cwd=outdir, env=environment, check=True, capture_output=True)
    template: dict[str, object] = json.loads((outdir / "Photos.template.json").read_text())
    return template


def test_the_folder_constructs_is_not_a_package() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()


def test_the_package_constructs_is_the_one_that_the_cdk_needs() -> None:
    assert "site-packages" in str(constructs.__file__)


def test_the_newest_allowed_boto3_matches_the_emulators_botocore() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["local"]
    (boto3,) = (requirement for requirement in extra if requirement.startswith("boto3"))
    (botocore,) = (each for each in importlib.metadata.requires("ministack") or [] if each.startswith("botocore"))
    assert boto3.partition("<=")[2] == botocore.partition("==")[2]


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < 2_000_000


def test_the_wheel_contains_functions_and_definitions_and_no_bytecode(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "safelight/_bundled/lambdas/image_workflow/resize/handler.py" in names
    assert "safelight/_bundled/lambdas/layers/pillow.txt" in names
    assert "safelight/_bundled/statemachines/image_workflow/v4.asl.json" in names
    assert not [name for name in names if "statemachines/" in name and not name.endswith(".asl.json")]
    assert "safelight/py.typed" in names
    assert "safelight_local/__main__.py" in names
    assert "safelight_models/coco_ssd.py" in names
    assert not [name for name in names if name.endswith(".pyc") or name.startswith(("tests/", "constructs/"))]


def test_the_wheel_contains_graphviz_and_its_license(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "safelight_local/diagram/vendor/viz.js" in names
    assert "safelight_local/diagram/NOTICE.txt" in names


def test_the_installed_wheel_draws_like_the_checkout(installed: Path, tmp_path: Path) -> None:
    # From a folder that no node_modules is near.
    source = "import sys, json; from safelight_local.diagram import draw; sys.stdout.write(draw(json.load(sys.stdin)))"
    done = subprocess.run(
        [sys.executable, "-c", source],
        input=(ROOT / "statemachines" / "image_workflow" / "v1.asl.json").read_bytes(),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
    )
    assert done.stdout == (ROOT / "docs" / "images" / "image-workflow-v1.svg").read_bytes()


def test_a_build_without_graphviz_fails_with_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "node_modules/@viz-js/viz/dist/viz.js is missing" in line
    assert "run `npm ci`" in line


def test_the_minimal_app_is_ten_lines_at_most() -> None:
    assert len(MINIMAL.read_text().splitlines()) <= 10


@pytest.mark.thorough
def test_an_app_that_uses_the_installed_wheel_gives_the_same_template_as_the_checkout(
    installed: Path, tmp_path: Path
) -> None:
    from_wheel = synthesise(python_path=installed, outdir=tmp_path / "wheel")
    from_checkout = synthesise(python_path=ROOT / "constructs", outdir=tmp_path / "checkout")
    assert (installed / "safelight" / "_bundled").is_dir()
    # Asset hashes are in the template: equal templates mean equal functions, to the byte.
    assert from_wheel == from_checkout
