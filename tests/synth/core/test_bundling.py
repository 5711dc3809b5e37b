from pathlib import Path

import pytest

from safelight.core.bundling import layer_code
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
