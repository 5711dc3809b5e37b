import zipfile
from pathlib import Path

import pytest

import safelight_contracts
from safelight.core.bundling import function_code, layer_code
from safelight.core.platform import Platform


def test_the_layer_that_pip_builds_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\nexit 1\n")
    failing.chmod(0o755)
    with pytest.raises(RuntimeError, match="pip could not build the Lambda layer pillow"):
        layer_code("pillow", platform=Platform(interpreter=str(failing)))
    assert capsys.readouterr().err == "Safelight: building the layer pillow with pip\n"


def test_a_layer_that_is_built_is_not_named_while_the_functions_are_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    without_pip = tmp_path / "python"
    # It installs a package of no files, and compiles nothing.
    without_pip.write_text('#!/bin/sh\nfor last; do :; done\nmkdir -p "$last"\n')
    without_pip.chmod(0o755)
    layer_code("pillow", platform=Platform(interpreter=str(without_pip)))
    assert capsys.readouterr().err.splitlines() == [
        "Safelight: building the layer pillow with pip",
        "Safelight: compiling and packing the layer pillow",
        "Safelight: packing the functions",
    ]


def test_a_function_has_every_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_CACHE", str(tmp_path))
    function_code("image_workflow/publish", platform=Platform(python="3.99"))
    (code,) = tmp_path.rglob("*.zip")
    contracts = Path(safelight_contracts.__file__).parent
    files = {path.relative_to(contracts.parent).as_posix() for path in contracts.rglob("*.py")}
    assert "safelight_contracts/delivery/settings.py" in files
    assert files <= set(zipfile.ZipFile(code).namelist())
