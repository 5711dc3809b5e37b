"""What a function imports when it starts. Its worker imports the decoders, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from safelight.core.assets import LAMBDAS

DECODERS = ("pyvips", "PIL", "pi_heif", "rawpy", "numpy", "cv2")
# Functions that work on a video for seconds to minutes. What they hand to their child is in modules that import numpy.
VIDEO = {f"redaction.{name}" for name in ("cover", "detect", "join", "link", "probe")}
HANDLERS = sorted({".".join(path.parts[-3:-1]) for path in Path(LAMBDAS).glob("*/*/handler.py")} - VIDEO)


@pytest.mark.parametrize("function", HANDLERS)
def test_a_function_starts_without_a_decoder(function: str) -> None:
    program = f"import sys, {function}.handler; print(sorted(sys.modules.keys() & {set(DECODERS)!r}))"
    paths = [LAMBDAS, Path(LAMBDAS).parent / "constructs"]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}; {program}"]
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert imported == "[]\n"
