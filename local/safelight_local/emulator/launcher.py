"""Starts ministack, the AWS emulator, with the patches that Safelight needs.

Run as ``python -m safelight_local.emulator.launcher --port PORT``. All other settings come from the environment, as
for ministack itself. `safelight_local.emulator.patches` lists what is patched.

ministack starts a process for each concurrent invocation, as AWS does: 50 uploads would start 100 interpreters. The
launcher gives each function as many processes as the machine has processors. Further invocations wait.
"""

import argparse
import importlib.metadata
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from safelight_local.emulator.patches import SUPPORTED_VERSION, apply_patches

# A function's configuration, or the result of an invocation.
Properties = dict[str, Any]


def validate_version() -> None:
    """Refuse a version of ministack that the patches do not fit.

    Raises SystemExit with a line that names both versions and the command that installs the right one.
    """
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        found = "not installed"
    if found != SUPPORTED_VERSION:
        sys.exit(
            f"the emulator must be ministack {SUPPORTED_VERSION}, and it is {found}: "
            f"pip install ministack=={SUPPORTED_VERSION}"
        )


def share_environments(execute: Callable[..., Properties], *, limit: int) -> Callable[..., Properties]:
    """Wrap ministack's executor of Python functions so that a function has few execution environments.

    `execute`: ``ministack.services.lambda_svc._execute_function_warm``.
    `limit`: how many invocations of one function run at once; others wait, outside of their timeout. Those made by the
    Invoke API never wait: a function may have made them, and would wait for itself.
    """
    from ministack.services import lambda_svc

    free: dict[str, threading.BoundedSemaphore] = {}

    def execute_in_turn(func: Properties, event: object, request_id: str) -> Properties:
        if lambda_svc._invoke_depth.get():
            return execute(func, event, request_id)
        name = (func.get("config") or func).get("FunctionArn", "")
        with free.setdefault(name, threading.BoundedSemaphore(limit)):
            return execute(func, event, request_id)

    return execute_in_turn


def main(*, change_further: Callable[[], None] | None = None) -> None:
    """Patch ministack, then run it in this process until it is stopped.

    `change_further`: called after the patches, before ministack runs. Default: nothing more is changed.
    """
    parser = argparse.ArgumentParser(description=f"Run ministack {SUPPORTED_VERSION}, patched, on a loopback port.")
    parser.add_argument("--port", type=int, required=True, help="the loopback port to listen on")
    parser.add_argument(
        "--environments",
        type=int,
        default=max(2, os.cpu_count() or 0),
        help="how many invocations of a function run at once (default: the number of processors, at least 2)",
    )
    options = parser.parse_args()
    validate_version()
    # ministack reads its settings as it is imported.
    os.environ["GATEWAY_PORT"] = str(options.port)
    from ministack import app
    from ministack.services import lambda_svc

    apply_patches()
    lambda_svc._execute_function_warm = share_environments(
        lambda_svc._execute_function_warm, limit=options.environments
    )
    sys.argv = sys.argv[:1]
    if change_further is not None:
        change_further()
    app.main()


if __name__ == "__main__":
    main()
