"""What Lambda has to unpack for a function, and to compile."""

import zipfile
from collections.abc import Callable
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from bench.assembly import WORKFLOWS, BuiltFunction, build_functions, files_of

from safelight.core.assets import LAMBDAS
from safelight.core.bundling import function_code
from safelight.core.platform import Platform

FunctionsOf = Callable[[str], list[BuiltFunction]]

MEGABYTE = 1_000_000
DEVELOPS_RAW = "raw"
# NumPy and OpenCV alone are larger. Nobody gets them who does not ask for that detector.
LOOKS_WITH_OPENCV = "opencv"


@pytest.fixture(scope="module")
def functions_of(tmp_path_factory: pytest.TempPathFactory) -> FunctionsOf:
    """Build the functions of each workflow once."""

    @cache
    def build(workflow: str) -> list[BuiltFunction]:
        return build_functions(tmp_path_factory.mktemp("cdk.out"), platform="local", **WORKFLOWS[workflow])

    return build


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_function_that_does_not_develop_camera_raw_is_under_60_megabytes(
    functions_of: FunctionsOf, workflow: str
) -> None:
    assert functions_of(workflow)
    for function in functions_of(workflow):
        size = sum(sum(files_of(asset).values()) for asset in function.assets) / MEGABYTE
        if LOOKS_WITH_OPENCV in function.layers:
            assert size < 262
        elif DEVELOPS_RAW in function.layers:
            assert size < 130
        else:
            assert size < 60


def test_packages_hold_no_tests_of_what_they_are_made_of(functions_of: FunctionsOf) -> None:
    for function in functions_of("v5"):
        for path in (path for asset in function.assets for path in files_of(asset)):
            assert "tests" not in Path(path).parts
            assert not path.endswith((".pyi", ".h", ".a"))


def test_imports_of_a_function_are_compiled(functions_of: FunctionsOf) -> None:
    (render,) = (function for function in functions_of("v5") if function.id == "Render")
    files = {path for asset in render.assets for path in files_of(asset)}
    own = {path for path in files_of(render.code) if path.endswith(".py")}
    assert "image_workflow/render/handler.py" in own
    for path in (*own, "python/PIL/Image.py", "python/numpy/__init__.py", "python/aws_lambda_powertools/__init__.py"):
        assert cache_from_source(path) in files


def test_a_function_is_built_even_without_a_python_to_compile_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    function_code("image_workflow/publish", platform=Platform(python="3.99"))
    (code,) = tmp_path.rglob("*.zip")
    sources = {path.relative_to(LAMBDAS).as_posix() for path in (LAMBDAS / "image_workflow" / "publish").glob("*.py")}
    names = set(zipfile.ZipFile(code).namelist())
    assert sources < names
    assert not [name for name in names if "__pycache__" in name]
