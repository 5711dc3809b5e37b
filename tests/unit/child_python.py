"""A program in a Python of its own, which finds the same modules as the tests."""

import os
import subprocess
import sys


def run_python(program: str, *arguments: str) -> str:
    """Run a program, and return what it prints."""
    command = [sys.executable, "-c", program, *arguments]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
