"""The import rules hold for a system that nobody has listed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = Path("tools") / "import_contracts.py"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code, in which ``delivery`` is a second system that breaks no rule."""
    for folder in ("lambdas", "constructs", "local"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "layers"))
    (tmp_path / TOOL).parent.mkdir()
    shutil.copy(ROOT / TOOL, tmp_path / TOOL)
    write(tmp_path / "lambdas" / "delivery" / "serve" / "handler.py", "import awskit.clients\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for package in (path.parent, path.parent.parent):
        (package / "__init__.py").touch()
    path.write_text(text)


def check(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(checkout / TOOL)], capture_output=True, text=True, check=False, cwd=checkout
    )


def in_serve(statement: str) -> Callable[[Path], None]:
    return lambda checkout: write(checkout / "lambdas" / "delivery" / "serve" / "handler.py", statement)


def in_upscale(statement: str) -> Callable[[Path], None]:
    return lambda checkout: write(checkout / "lambdas" / "delivery" / "upscale" / "handler.py", statement)


def in_aws(statement: str) -> Callable[[Path], None]:
    return lambda checkout: write(checkout / "local" / "safelight_local" / "aws" / "extra.py", statement)


def in_root_of_local(statement: str) -> Callable[[Path], None]:
    return lambda checkout: write(checkout / "local" / "safelight_local" / "extra.py", statement)


def in_room(room: str, statement: str) -> Callable[[Path], None]:
    def change(checkout: Path) -> None:
        (checkout / "lambdas" / "awskit" / room / "extra.py").write_text(statement)

    return change


def test_a_new_system_that_uses_the_shared_parts_passes(checkout: Path) -> None:
    done = check(checkout)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (in_serve("import image_workflow.publish.handler\n"), "systems are independent"),
        (in_serve("import safelight.core.tables\n"), "knows neither the library"),
        (in_upscale("import delivery.serve.handler\n"), "functions never import one another"),
        (in_room("records", "import awskit.outcomes.publication\n"), "the rooms of awskit"),
        (in_room("rekognition", "import awskit.outcomes.publication\n"), "the rooms of awskit"),
        (in_room("", ""), "the rooms of awskit"),
        (in_aws("import safelight_local.dng\n"), "the rooms of the local runner"),
        (in_root_of_local(""), "the rooms of the local runner"),
    ],
    ids=[
        *("system of another", "library", "function of its system"),
        *("upward in awskit", "sideways in awskit", "file in no room of awskit"),
        *("upward in local", "file in no room of local"),
    ],
)
def test_a_forbidden_import_is_reported(checkout: Path, change: Callable[[Path], None], broken: str) -> None:
    change(checkout)
    done = check(checkout)
    assert done.returncode == 1
    assert broken in " ".join(done.stdout.split())
