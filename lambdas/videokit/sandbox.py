"""Read and write videos in a child process, so that a hostile file can crash only that process.

The system limits the child's memory and processor time. It has no environment variables of this process, and so no
credentials. Its answer is read as JSON.
"""

import json
import pickle
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from imagekit.sandbox.starting import CRASHES, environment, python_command
from videokit.faults import ChunkMismatchError, OutputFault, OutputInvalidError, VideoFault, VideoRejected

_START = "from videokit.sandbox_child import main; main()"


class SandboxFailedError(Exception):
    """The child failed, and the file is not known to be the cause. The message is a traceback or a signal."""


@dataclass(frozen=True, kw_only=True)
class ProcessLimits:
    """What a child may use.

    Parameters
    ----------
    max_memory
        Bytes of address space beyond what Python and its modules have. Default: 1.4 GB, twice what a picture of 3840 x
        2160 needs, and less than a function of 1,769 MB has beside two processes of Python.
    max_seconds
        Processor seconds, to within one. Default: 14 minutes, so that a function of 15 minutes reports it.
    """

    max_memory: int = 1_400_000_000
    max_seconds: int = 840


class SharedLimits:
    """The limits of all children of one call of a function: what one has used, the next ones do not have."""

    def __init__(self, limits: ProcessLimits | None = None) -> None:
        self._limits = limits or ProcessLimits()
        self._before = _seconds_of_children()

    def rest(self) -> ProcessLimits:
        """Return the limits of the next child. It has a second in any case."""
        used = _seconds_of_children() - self._before
        return replace(self._limits, max_seconds=max(1, int(self._limits.max_seconds - used)))


def _seconds_of_children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a function in the child. The child trusts it."""

    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    limits: ProcessLimits


def run_in_sandbox(function: Callable[..., Any], arguments: Mapping[str, Any], *, limits: ProcessLimits) -> Any:
    """Call a function in a child process.

    `function`: of a module. What it returns must pass JSON, or have a method `as_json`.
    `arguments`: by name. They must pass pickle.

    Returns what the function returned, as JSON.

    Raises
    ------
    VideoRejected
        What the function raises; DAMAGED if the file crashes a decoder; TOO_LARGE if it needs too much memory or
        processor time.
    ChunkMismatchError, OutputInvalidError
        What the function raises.
    SandboxFailedError
        If it raises anything else, or the child is killed from outside.
    """
    child = subprocess.run(  # noqa: S603
        python_command(_START),
        input=pickle.dumps(Call(function=function, arguments=arguments, limits=limits)),
        stdout=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    if child.returncode:
        raise _reason_for_its_end(child.returncode, limits=limits)
    try:
        answer = json.loads(child.stdout)
        return _understood(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxFailedError("the child's answer is invalid") from error


def _understood(answer: Mapping[str, Any]) -> Any:
    if "rejected" in answer:
        raise VideoRejected(VideoFault(answer["rejected"]), detail=answer["detail"])
    if "invalid" in answer:
        raise OutputInvalidError(OutputFault(answer["invalid"]), detail=answer["detail"])
    if "mismatch" in answer:
        raise ChunkMismatchError(answer["mismatch"])
    if "failed" in answer:
        raise SandboxFailedError(answer["failed"])
    return answer["returned"]


def _reason_for_its_end(status: int, *, limits: ProcessLimits) -> Exception:
    if -status == signal.SIGXCPU:
        return VideoRejected(VideoFault.TOO_LARGE, detail={"max_processor_seconds": limits.max_seconds})
    if -status in CRASHES:
        return VideoRejected(VideoFault.DAMAGED, detail={"crash": signal.Signals(-status).name})
    return SandboxFailedError(f"the child ended with {status}")
