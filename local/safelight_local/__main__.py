"""``python -m safelight_local`` is ``safelight``."""

import argparse
import sys
from pathlib import Path

from safelight_local import doctor


def main() -> int:
    """Run the command line on ``sys.argv``.

    Returns
    -------
    int
        The exit code; 2 when a Python package is missing, which one line on standard error says. ``doctor`` runs
        without any.
    """
    try:
        from safelight_local import cli
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("safelight_local"):
            raise
        if sys.argv[1:2] != ["doctor"]:
            print(
                f"safelight: the Python package {error.name} is missing: "
                'run `pip install "safelight[local]"`; `safelight doctor` lists all that is',
                file=sys.stderr,
            )
            return 2
        parser = argparse.ArgumentParser(prog="safelight doctor")
        doctor.add_arguments(parser)
        return doctor.doctor(project=Path.cwd(), aws=parser.parse_args(sys.argv[2:]).aws)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
