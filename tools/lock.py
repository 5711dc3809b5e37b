"""Pin every Python package with its hashes, for all platforms and with no address of a registry."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
    *("--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"),
)


def compile_lock(*sources: str, output: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", *sources, *OPTIONS, "--output-file", output]
    subprocess.run(command, cwd=ROOT, check=True)
    print(f"locked {output}")


compile_lock("pyproject.toml", "--extra", "local", "--group", "dev", output="requirements/dev.txt")
for layer in sorted((ROOT / "lambdas" / "layers").glob("*.in")):
    compile_lock(str(layer.relative_to(ROOT)), output=f"lambdas/layers/{layer.stem}.txt")
compile_lock("tests/fuzz/requirements.in", output="tests/fuzz/requirements.txt")
# Installed beside the development tools, whose versions stay.
compile_lock("bench/requirements.in", "--constraint", "requirements/dev.txt", output="bench/requirements.txt")
compile_lock("bench/heic.in", output="bench/heic.txt")
compile_lock("docs/requirements.in", "--constraint", "requirements/dev.txt", output="docs/requirements.txt")
