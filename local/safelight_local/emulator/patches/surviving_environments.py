"""Execution environments that survive an error of their function.

ministack ends a function's process when its handler raises an exception, and the next invocation starts a new one. That
takes one or two seconds, so a throttled workflow does little else. AWS Lambda keeps the environment.
"""

import threading
from collections.abc import Callable
from typing import Any

# A result with an exception of the handler has this key. A failed result without it means that the process is unusable.
_TRACE = "trace"


def apply() -> None:
    """Patch the end of a function's processes."""
    from ministack.core import lambda_runtime

    environments = SurvivingEnvironments(lambda_runtime._signal, lambda_runtime._collect)
    lambda_runtime._signal, lambda_runtime._collect = environments.signal, environments.collect
    lambda_runtime.Worker.invoke = environments.keeping(lambda_runtime.Worker.invoke)


class SurvivingEnvironments:
    """Delays the end of a process until it is known whether the process is still usable.

    `signal`: ``ministack.core.lambda_runtime._signal``. It asks a process to end.
    `collect`: ``ministack.core.lambda_runtime._collect``. It waits until the process has ended.
    """

    def __init__(self, signal: Callable[[Any], None], collect: Callable[[Any, float], None]) -> None:
        self._signal = signal
        self._collect = collect
        self._invocation = threading.local()

    def signal(self, process: Any) -> None:
        """Ask a process to end. If it runs an invocation of this thread, `keeping` decides later."""
        if getattr(self._invocation, "under_way", False):
            self._invocation.ended = process
        else:
            self._signal(process)

    def collect(self, process: Any, deadline: float) -> None:
        """Wait for a process to end, if it was asked to."""
        if not getattr(self._invocation, "under_way", False):
            self._collect(process, deadline)

    def keeping(self, invoke: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        """Wrap ``ministack.core.lambda_runtime.Worker.invoke`` so that an exception does not end the process.

        `invoke`: takes a worker, and returns the result of its function.
        """

        def invoke_and_keep(worker: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
            self._invocation.under_way, self._invocation.ended = True, None
            try:
                result = invoke(worker, *arguments, **options)
            finally:
                self._invocation.under_way = False
            process = self._invocation.ended
            if process is None:
                return result
            if _TRACE in result:
                worker._proc = process
            else:
                process.kill()
                process.wait()
            return result

        return invoke_and_keep
