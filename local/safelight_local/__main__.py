"""``python -m safelight_local`` is ``safelight``."""

import argparse
import sys
from pathlib import Path

from safelight_local import doctor
from safelight_local.installation import ADVICE


def main() -> int:
    """Run the command line on ``sys.argv``.

    Returns
    -------
    int
        The exit code; 2 if a Python package is missing, with one line on standard error. ``doctor`` runs without any
        package.
    """
    try:
        from safelight_local import cli

        return cli.main()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("safelight_local"):
            raise
        if sys.argv[1:2] == ["doctor"]:
            return _doctor(sys.argv[2:])
        print(
            f"safelight: the Python package {error.name} is missing (`safelight doctor` lists all that are): {ADVICE}",
            file=sys.stderr,
        )
        return 2


def _doctor(arguments: list[str]) -> int:
    """Run the one command that needs no package, without click."""
    parser = argparse.ArgumentParser(prog="safelight doctor", description=doctor.DESCRIPTION)
    parser.add_argument("--aws", action="store_true", help=doctor.AWS_HELP)
    return doctor.doctor(project=Path.cwd(), aws=parser.parse_args(arguments).aws)


if __name__ == "__main__":
    sys.exit(main())
