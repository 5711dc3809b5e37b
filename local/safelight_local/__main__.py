"""``python -m safelight_local`` is ``safelight``."""

import argparse
import importlib.metadata
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from safelight_local import doctor, new_app
from safelight_local.errors import exit_code_of
from safelight_local.installation import ADVICE
from safelight_local.visible_text import visible_lines


def main() -> int:
    """Run the command line on ``sys.argv``.

    Returns the exit code; 2 if a Python package is missing, with one line on standard error. ``doctor``, ``init`` and
    ``--version`` run without any package.
    """
    try:
        from safelight_local import cli

        return cli.main()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("safelight_local"):
            raise
        name, *arguments = sys.argv[1:] or [""]
        if name in _WITHOUT_PACKAGES:
            return exit_code_of(lambda: _WITHOUT_PACKAGES[name](arguments), program="safelight")
        print(
            f"safelight: the Python package {error.name} is missing (`safelight doctor` lists everything that is "
            f"missing): {ADVICE}",
            file=sys.stderr,
        )
        return 2


def _doctor(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="safelight doctor", description=doctor.DESCRIPTION)
    parser.add_argument("--aws", action="store_true", help=doctor.AWS_HELP)
    parser.add_argument("--json", action="store_true", help=doctor.JSON_HELP)
    given = parser.parse_args(arguments)
    check = doctor.doctor_as_json if given.json else doctor.doctor
    return check(project=Path.cwd(), aws=given.aws)


def _init(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="safelight init", description=new_app.DESCRIPTION)
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", default=Path())
    folder = parser.parse_args(arguments).folder
    new_app.write_app(folder)
    print(visible_lines(new_app.next_steps(folder)))
    return 0


def _version(_arguments: list[str]) -> int:
    print(f"safelight {importlib.metadata.version('safelight')}")
    return 0


# The commands that need no package, and so not click either.
_WITHOUT_PACKAGES: Mapping[str, Callable[[list[str]], int]] = {"doctor": _doctor, "init": _init, "--version": _version}

if __name__ == "__main__":
    sys.exit(main())
