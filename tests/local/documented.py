"""Runs the commands of a documentation page in a shell."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.local.command_line import environment

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> dict[str, list[str]]:
    """Return the blocks of commands under each heading, without the prompts."""
    _, *parts = _SECTION.split(page.read_text())
    return {
        heading: [re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in _BLOCK.findall(text)]
        for heading, text in zip(parts[::2], parts[1::2], strict=True)
    }


def run_commands(
    blocks: Sequence[str], *, folder: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run blocks one after the other in one shell, until a command fails.

    `variables`: of the shell, beside those of a user who has activated the virtual environment. Default: none.
    """
    there = environment()
    there |= {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), there["PATH"]]),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(blocks)],
        cwd=folder,
        env={**there, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
