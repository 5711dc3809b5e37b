"""What a Python function can import.

In ministack, a Python function can import every package that is installed beside the emulator. Lambda's runtime has
only the standard library and boto3. Everything else must come from the function's code and layers.
"""

import importlib.metadata
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def apply() -> None:
    """Patch the choice of a function's interpreter."""
    from ministack.core import lambda_runtime

    lambda_runtime._detect_runtime_binary = isolate_functions(
        lambda_runtime._detect_runtime_binary, folder=Path(tempfile.mkdtemp(prefix="lambda-runtime-"))
    )


def isolate_functions(
    detect_runtime: Callable[[str], tuple[str, str]], *, folder: Path
) -> Callable[[str], tuple[str, str]]:
    """Wrap ministack's choice of a function's interpreter so that it has the packages of Lambda's runtime only.

    These are the standard library, and boto3 with its dependencies.

    `detect_runtime`: ``ministack.core.lambda_runtime._detect_runtime_binary``.
    `folder`: an existing folder for the interpreter and for the runtime's packages.
    """
    runtime = folder / "runtime"
    runtime.mkdir()
    for path in sorted(set(_top_level_paths("boto3"))):
        (runtime / path.name).symlink_to(path)
    interpreter = folder / "python"
    # With -I and -S the interpreter ignores the environment and site-packages. It also starts faster.
    interpreter.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S "$@"\n')
    interpreter.chmod(0o700)

    def detect_isolated(name: str) -> tuple[str, str]:
        binary, script = detect_runtime(name)
        if binary != sys.executable:
            return binary, script
        return str(interpreter), f"import sys\nsys.path.append({str(runtime)!r})\n{script}"

    return detect_isolated


def _top_level_paths(package: str) -> Iterator[Path]:
    """Yield the modules of an installed package and of all that it requires."""
    distribution = importlib.metadata.distribution(package)
    for name in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
        yield Path(str(distribution.locate_file(name)))
    for requirement in distribution.requires or []:
        if ";" not in requirement:
            yield from _top_level_paths(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])
