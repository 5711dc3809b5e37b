"""``python -m safelight_local`` is ``safelight``."""

import sys

from safelight_local import cli


def main() -> int:
    """Run the command line on ``sys.argv``.

    Returns
    -------
    int
        The exit code.
    """
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
