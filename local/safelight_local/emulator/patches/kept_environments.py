"""Execution environments that outlive an error of their function, as those of AWS Lambda do.

ministack ends a function's process when its handler raises an exception. The
next invocation starts another one, which takes a second or two: a workflow that is throttled does little else.
"""

import threading
from collections.abc import Callable
from typing import Any

# What an answer has in which a handler's exception is told. One that has not says that the process is of no more use.
_TRACE = "trace"


def apply() -> None:
    """Patch the end of a function's processes."""
    from ministack.core import lambda_runtime

    environments = KeptEnvironments(lambda_runtime._signal, lambda_runtime._collect)
    lambda_runtime._signal, lambda_runtime._collect = environments.signal, environments.collect
    lambda_runtime.Worker.invoke = environments.keeping(lambda_runtime.Worker.invoke)


class KeptEnvironments:
    """Puts off the end of processes until it is known whether they are still of use.

    Parameters
    ----------
    signal : Callable
        ``ministack.core.lambda_runtime._signal``, which asks a process to end.
    collect : Callable
        ``ministack.core.lambda_runtime._collect``, which waits for it.
    """

    def __init__(self, signal: Callable[[Any], None], collect: Callable[[Any, float], None]) -> None:
        self._signal = signal
        self._collect = collect
        self._invocation = threading.local()

    def signal(self, process: Any) -> None:
        """Ask a process to end; that of an invocation under way in this thread, later if at all."""
        if getattr(self._invocation, "under_way", False):
            self._invocation.ended = process
        else:
            self._signal(process)

    def collect(self, process: Any, deadline: float) -> None:
        """Wait for a process to end, if it was asked to."""
        if not getattr(self._invocation, "under_way", False):
            self._collect(process, deadline)

    def keeping(self, invoke: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        """Wrap ``ministack.core.lambda_runtime.Worker.invoke`` so that an exception leaves the process alone.

        Parameters
        ----------
        invoke : Callable
            Takes a worker, and answers with its function's result.

        Returns
        -------
        Callable
            A function with the same arguments and answer.
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
