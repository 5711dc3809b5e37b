"""Runs the stand-in.

``python -m safelight_local.rekognition --port N [--fixtures FILE] [--calls-per-second N] [--log FILE]``
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from safelight_local.errors import UserError
from safelight_local.rekognition import READY
from safelight_local.rekognition.limits import validate_rate
from safelight_local.rekognition.server import serve
from safelight_local.visible_text import visible
from safelight_models.progress import print_progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C, printing ``ready`` once requests are accepted.

    `arguments`: the arguments after the program's name. Default: ``sys.argv``.

    Returns 0 after a stop that was asked for, 2 after an error that the user can put right.
    """
    parser = argparse.ArgumentParser(
        prog="python -m safelight_local.rekognition",
        description="A stand-in for Amazon Rekognition on loopback, answered by real models.",
    )
    parser.add_argument("--port", type=int, required=True, help="the loopback port to listen on")
    parser.add_argument("--fixtures", type=Path, help="a JSON file of answers for named images")
    parser.add_argument(
        "--calls-per-second",
        type=_calls_per_second,
        metavar="N",
        help="how many calls of each operation are answered in a second; the others are throttled",
    )
    parser.add_argument("--log", type=Path, help="the file for the log, instead of standard error")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    logging.basicConfig(filename=options.log, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        serve(
            port=options.port,
            fixtures=options.fixtures,
            calls_per_second=options.calls_per_second,
            on_ready=lambda: print(READY, flush=True),
            progress=print_progress,
        )
    except UserError as error:
        print(f"error: {visible(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def _calls_per_second(text: str) -> float:
    try:
        return validate_rate(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on") from error


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
